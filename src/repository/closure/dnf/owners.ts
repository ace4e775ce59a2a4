import { readFilelists } from '../../../formats/index.ts'
import { type ByteString, bytesOf, type DnfSnapshot } from '../../../model/index.ts'
import { entries, packagePrefix, prefixRange } from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { documentFragments } from '../../mirror/dnf/primary-fragments.ts'
import { obtainRepodata } from '../../repodata-of.ts'
import { fragmentsOfValue } from '../../rpm-listings.ts'
import { isThere } from '../packages.ts'
import type { Pause } from '../pause.ts'
import { findWord, numberOf } from '../words.ts'
import type { RpmUniverse } from './universe.ts'

/** Looks into filelists.xml for who has these paths, and takes that up. False: nobody has any. */
export async function findOwners(
  context: RepositoryContext,
  universe: RpmUniverse,
  snapshots: readonly DnfSnapshot[],
  paths: ReadonlySet<ByteString>,
  pause: Pause,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const needles = [...paths].map(path => (isPlain(path) ? bytesOf(path) : undefined))
  let found = false
  for (const snapshot of snapshots)
    for await (const fragment of filelistsOf(context, snapshot, signal)) {
      await pause()
      // Most lists have none of them, and to look for a few texts is a tenth of reading XML.
      if (!needles.some(needle => needle === undefined || fragment.includes(needle))) continue
      const { name, epoch, version, release, arch, files } = readFilelists(fragment, snapshot.repository)
      const evr = `${epoch === '0' ? '' : `${epoch}:`}${version}-${release}`
      const owners = packagesOf(universe, name, evr, arch)
      for (const { path } of files)
        if (paths.has(path))
          for (const one of owners) {
            universe.extra.ones.push(one)
            universe.extra.paths.push(numberOf(universe.words, path))
            found = true
          }
    }
  return found
}

/** XML writes it as it is. */
function isPlain(path: ByteString): boolean {
  return /^[\w/.,:;@%+=~^!#()[\]{} -]+$/.test(path)
}

async function* filelistsOf(
  context: RepositoryContext,
  snapshot: DnfSnapshot,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  if (snapshot.kind === 'mirror') {
    for (const stored of await obtainRepodata(context, snapshot, 'filelists', signal))
      yield* documentFragments(context, stored, 'filelists')
    return
  }
  for await (const { value } of entries(
    context.pages,
    snapshot.packages,
    prefixRange(packagePrefix('rpm-filelists')),
  ))
    yield* fragmentsOfValue(value)
}

function packagesOf(
  { words, packages }: RpmUniverse,
  name: ByteString,
  version: ByteString,
  architecture: ByteString,
): number[] {
  const number = findWord(words, name)
  const found: number[] = []
  for (let one = packages.lastOf.get(number ?? -1) ?? -1; one >= 0; one = packages.before[one]!)
    if (
      words.texts[packages.versions[one]!] === version &&
      words.texts[packages.architectures[one]!] === architecture &&
      isThere(packages, one)
    )
      found.push(one)
  return found
}
