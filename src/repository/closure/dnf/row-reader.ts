import { type RpmDependency, readPrimaryLists } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import type { Row } from '../packages.ts'
import { numberOf } from '../words.ts'
import { dependencyNumber, isOfRpmItself, type RpmIdentity, type RpmUniverse } from './universe.ts'

/** Reads packages of primary.xml as rows of a universe; what is new among its words and dependencies is taken up. */
export type RowReader = (identity: RpmIdentity, fragment: Buffer) => Row

/**
 * The dependencies of a fragment that is written as createrepo_c writes them are told by their text: few are new. Anything
 * else in a fragment, and it is read as XML.
 */
export function createRowReader(universe: RpmUniverse): RowReader {
  const { words } = universe
  /** Numbers of dependencies by their text in the document; -1: rpm itself provides it. */
  const known = new Map<string, number>()

  function number(dependency: RpmDependency): number {
    return isOfRpmItself(dependency) ? -1 : dependencyNumber(universe, dependency)
  }

  /** Undefined: it has to be read as XML. */
  function entries(format: string, kind: 'requires' | 'provides'): number[] | undefined {
    const [open, close] = [`<rpm:${kind}>`, `</rpm:${kind}>`]
    const start = format.indexOf(open)
    if (start < 0) return format.includes(`<rpm:${kind}`) ? undefined : []
    const end = format.indexOf(close, start)
    if (end < 0 || format.includes(`<rpm:${kind}`, end)) return undefined
    const numbers: number[] = []
    for (let at = start + open.length; ; ) {
      const from = format.indexOf('<', at)
      if (!isBlank(format, at, from)) return undefined
      if (from === end) return numbers
      const to = format.indexOf('/>', from) + 2
      if (to < 2 || to > end) return undefined
      const text = format.slice(from, to)
      let found = known.get(text)
      if (found === undefined) {
        // A slice would keep the whole fragment in memory.
        const copy = Buffer.from(text, 'latin1').toString('latin1')
        const dependency = plainEntry(copy)
        if (dependency === undefined) return undefined
        found = number(dependency)
        known.set(copy, found)
      }
      numbers.push(found)
      at = to
    }
  }

  function lists(fragment: Buffer): Row['lists'] | undefined {
    const start = fragment.indexOf('<format>')
    if (start < 0 || fragment.includes('<!')) return undefined
    const format = fragment.toString('latin1', start, fragment.lastIndexOf('</format>'))
    const requires = entries(format, 'requires')
    const provides = entries(format, 'provides')
    const files = plainFiles(format)
    if (requires === undefined || provides === undefined || files === undefined) return undefined
    return [
      requires.filter(one => one >= 0),
      provides.filter(one => one >= 0),
      files.map(path => numberOf(words, path)),
    ]
  }

  function slowLists(fragment: Buffer): Row['lists'] {
    const { requires, provides, files } = readPrimaryLists(fragment, 'the packages tree')
    return [
      requires.map(number).filter(one => one >= 0),
      provides.map(number).filter(one => one >= 0),
      files.map(({ path }) => numberOf(words, path)),
    ]
  }

  return ({ name, version, architecture }, fragment) => ({
    name: numberOf(words, name),
    version: numberOf(words, version),
    architecture: numberOf(words, architecture),
    flags: 0,
    lists: lists(fragment) ?? slowLists(fragment),
  })
}

const entry =
  /^<rpm:entry name="([^"<>&]+)"(?: flags="(LT|LE|EQ|GE|GT)" epoch="([0-9]+)" ver="([^"<>&]+)"(?: rel="([^"<>&]+)")?)?(?: pre="[01]")?\/>$/

/** Undefined where it is written otherwise, with `&lt;` for one. */
function plainEntry(text: string): RpmDependency | undefined {
  const [matched, name, flags, epoch, version, release] = entry.exec(text) ?? []
  if (matched === undefined || name === undefined) return undefined
  if (version === undefined) return { name, flags: undefined, evr: undefined }
  return { name, flags: flags as RpmDependency['flags'], evr: { epoch, version, release } }
}

const file = /<file(?: type="(?:dir|ghost)")?>([^<&\r]+)<\/file>/g

function plainFiles(format: string): ByteString[] | undefined {
  const first = format.indexOf('<file')
  if (first < 0) return []
  const paths = Array.from(format.matchAll(file), ([, path]) =>
    Buffer.from(path!, 'latin1').toString('latin1'),
  )
  let count = 0
  for (let at = first; at >= 0; at = format.indexOf('<file', at + 1)) count++
  return count === paths.length ? paths : undefined
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 9) return false
  }
  return end >= 0
}
