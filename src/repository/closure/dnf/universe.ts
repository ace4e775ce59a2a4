import { type Comparison, type Evr, formatRpmDependency, type RpmDependency } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import { createPackages, type Packages } from '../packages.ts'
import { createWords, findWord, numberOf, type Words } from '../words.ts'

/** The packages of RPM repositories, and what they ask for and provide. */
export interface RpmUniverse {
  /** Names, versions, architectures and paths. */
  words: Words
  dependencies: Dependencies
  /** Their lists: dependencies that they require, dependencies that they provide, words that are paths of theirs. */
  packages: Packages
  /** Files that primary.xml does not list and somebody asked for: words of paths, and whose they are. */
  extra: { ones: number[]; paths: number[] }
}

/** Every dependency once, as a row of numbers of words; -1: it has no such part. */
export interface Dependencies {
  words: Words
  names: number[]
  flags: number[]
  epochs: number[]
  versions: number[]
  releases: number[]
}

export const comparisons: readonly Comparison[] = ['LT', 'LE', 'EQ', 'GE', 'GT']

export function createRpmUniverse(): RpmUniverse {
  return {
    words: createWords(),
    dependencies: createDependencies(),
    packages: createPackages(),
    extra: { ones: [], paths: [] },
  }
}

export function createDependencies(): Dependencies {
  return { words: createWords(), names: [], flags: [], epochs: [], versions: [], releases: [] }
}

export interface RpmIdentity {
  name: ByteString
  /** `epoch:version-release`. */
  version: ByteString
  architecture: ByteString
}

/** As it was read, but for an epoch of 0, which says nothing. */
export function dependencyOf({ words, dependencies }: RpmUniverse, number: number): RpmDependency {
  const { names, flags, epochs, versions, releases } = dependencies
  const word = (numbers: number[]) => (numbers[number]! < 0 ? undefined : words.texts[numbers[number]!]!)
  const version = word(versions)
  return {
    name: word(names)!,
    flags: flags[number]! < 0 ? undefined : comparisons[flags[number]!],
    evr: version === undefined ? undefined : { epoch: word(epochs), version, release: word(releases) },
  }
}

/** What rpm's own capabilities satisfy. */
export function isOfRpmItself({ name }: RpmDependency): boolean {
  return name.startsWith('rpmlib(')
}

/** The number of a dependency, which is taken up if it is new. */
export function dependencyNumber({ words, dependencies }: RpmUniverse, dependency: RpmDependency): number {
  const plain = withoutZero(dependency)
  const text = formatRpmDependency(plain)
  const known = findWord(dependencies.words, text)
  if (known !== undefined) return known
  const { name, flags, evr } = plain
  const word = (part: ByteString | undefined) => (part === undefined ? -1 : numberOf(words, part))
  dependencies.names.push(numberOf(words, name))
  dependencies.flags.push(flags === undefined ? -1 : comparisons.indexOf(flags))
  dependencies.epochs.push(word(evr?.epoch))
  dependencies.versions.push(word(evr?.version))
  dependencies.releases.push(word(evr?.release))
  return numberOf(dependencies.words, text)
}

function withoutZero({ name, flags, evr }: RpmDependency): RpmDependency {
  if (flags === undefined || evr === undefined) return { name, flags: undefined, evr: undefined }
  const plain: Evr = evr.epoch === '0' ? { ...evr, epoch: undefined } : evr
  return { name, flags, evr: plain }
}
