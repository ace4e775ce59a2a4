import { parseRelease, resealRelease, type WrittenFile, withReleaseFiles } from '../../formats/index.ts'
import {
  type AptSnapshot,
  type ByteString,
  type FileEntry,
  millisecondsOf,
  type SuiteRecord,
  YardError,
} from '../../model/index.ts'
import { decodePackageKey, entries, packagePrefix, prefixRange } from '../../tree/index.ts'
import { clearText } from '../../trust/index.ts'
import { joinPath, selectIndexFiles } from '../../upstream/index.ts'
import { signedDocuments, stanzaContents } from '../compose/apt/write-indexes.ts'
import { type FrameCompression, writeFramed } from '../compose/framed-document.ts'
import type { RepositoryContext } from '../context.ts'
import { addIndexFile } from '../mirror/apt/metadata-files.ts'
import { byHashPath, type Index, indexesOf } from '../mirror/apt/read-indexes.ts'
import type { ListingPlace } from '../mirror/surroundings.ts'
import { type FrameTable, readFrames, refNames, writeRecord } from '../records.ts'
import { releaseText } from '../seal.ts'
import { type DerivedContent, type DerivedMetadata, newer } from './derived-metadata.ts'

/** An index of a packages tree. */
type Place = Pick<Index, 'family' | 'component' | 'architecture'>

/**
 * The metadata of a derived APT snapshot: the indexes that list a changed package are written anew, their patches go, and the
 * Release files of their suites name them and are signed by the yard's keys. Fields, other indexes and other suites stay.
 * @throws YardError `refused` when a package stands in an index that the base has not.
 */
export async function deriveApt(
  context: RepositoryContext,
  content: DerivedContent<AptSnapshot>,
): Promise<DerivedMetadata> {
  const { name, base, source } = content
  const keys = (await context.signers()).map(key => key.fingerprint)
  const frames = await framesBefore(context, content)
  const table: FrameTable = { version: 1, indexes: { ...(await readFrames(context.refs, name))?.indexes } }
  const files: DerivedMetadata['files'] = new Map()
  const suites: SuiteRecord[] = []
  for (const suite of base.suites) {
    const places = touchedPlaces(content, suite)
    const date = newer(suite.date, source.suites.find(other => other.suite === suite.suite)?.date)
    if (places.length > 0) await deriveSuite(context, content, { suite, places, date, frames, table, files })
    suites.push(places.length === 0 ? suite : { ...suite, date, trust: { kind: 'keys', fingerprints: keys } })
  }
  await writeRecord(context.refs, refNames.frames(name), table)
  const all = placesOf(base.suites)
  return { files, part: { format: 'apt', suites }, places: () => all, packages: content.packages }
}

/** Of our own line, and of the repository's where that is one of ours: frames are known by their content. */
async function framesBefore(
  context: RepositoryContext,
  { name, base }: DerivedContent<AptSnapshot>,
): Promise<(path: ByteString) => FrameTable['indexes'][string] | undefined> {
  const tables = await Promise.all(
    [name, base.repository, base.derived?.repository ?? base.repository].map(each =>
      readFrames(context.refs, each),
    ),
  )
  return path => tables.find(table => table?.indexes[path] !== undefined)?.indexes[path]
}

function touchedPlaces({ changes }: DerivedContent<AptSnapshot>, { suite }: SuiteRecord): Place[] {
  const places = new Map<string, Place>()
  for (const { key } of changes) {
    const { family, suite: of, component, architecture } = decodePackageKey(key)
    if (of === suite)
      places.set([family, component, architecture].join('\0'), {
        family: family as Place['family'],
        component,
        architecture,
      })
  }
  return [...places.values()]
}

interface SuiteWork {
  suite: SuiteRecord
  places: Place[]
  date: SuiteRecord['date']
  frames(path: ByteString): FrameTable['indexes'][string] | undefined
  table: FrameTable
  files: DerivedMetadata['files']
}

async function deriveSuite(
  context: RepositoryContext,
  content: DerivedContent<AptSnapshot>,
  { suite, places, date, frames, table, files }: SuiteWork,
): Promise<void> {
  const { base, packages } = content
  const text = await releaseText(context, base, suite)
  const release = parseRelease(text, joinPath(suite.directory, 'Release'))
  const named = selectIndexFiles(release, suite.directory, suite.suite, {
    ...suite,
    sources: true,
    installer: true,
  })
  const indexes = indexesOf({ indexFiles: named, release })
  const written: WrittenFile[] = []
  const gone: ByteString[] = []
  for (const place of places) {
    const index = indexes.find(one => isAt(one, place))
    if (index === undefined) throw noIndex(content, suite, place)
    const stem = index.stem.slice(suite.directory === '' ? 0 : suite.directory.length + 1)
    gone.push(stem)
    for (const path of await pathsOf(context, base, index)) files.set(path, undefined)
    const { plain, compressed } = await writeFramed(
      context,
      stanzaContents(context, packages, prefixOf(suite, place)),
      compressionsOf(index),
      compression => frames(`${index.stem}.${compression}`),
    )
    written.push({ path: stem, ...plain })
    for (const [compression, { entry, frames }] of compressed) {
      const path = `${index.stem}.${compression}`
      table.indexes[path] = { blob: entry.sha256, frames }
      written.push({ path: `${stem}.${compression}`, ...entry })
      files.set(path, entry)
      files.set(byHashPath(path, 'SHA256', entry.sha256), entry)
    }
  }
  const isGone = (path: ByteString) => gone.some(stem => path === stem || path.startsWith(`${stem}.`))
  const at = millisecondsOf(date)
  const signed = clearText(withReleaseFiles(resealRelease(text, { date: at }), isGone, written))
  for (const [document, bytes] of await signedDocuments(context, signed, at))
    files.set(joinPath(suite.directory, document), {
      sha256: await context.blobs.put(bytes),
      size: bytes.length,
    })
}

function isAt(index: Index, { family, component, architecture }: Place): boolean {
  return index.family === family && index.component === component && index.architecture === architecture
}

function prefixOf({ suite }: SuiteRecord, { family, component, architecture }: Place): ByteString {
  return packagePrefix(family, suite, component, architecture)
}

/** Frames are short, so that xz packs them hardly better than gzip, and takes many times as long. */
function compressionsOf({ variants }: Index): FrameCompression[] {
  const offered = (['gz', 'zst'] as const).filter(one =>
    variants.some(({ path }) => path.endsWith(`.${one}`)),
  )
  return offered.length === 0 ? ['gz'] : offered
}

/** Every path under which the base has the index: its variants, their by-hash names, and the patches that lead to it. */
async function pathsOf(
  context: RepositoryContext,
  base: AptSnapshot,
  { stem, variants }: Index,
): Promise<ByteString[]> {
  const files = new Map<ByteString, FileEntry>()
  for (const variant of variants) addIndexFile(files, variant)
  const found = [...files.keys()]
  for await (const { key } of entries(context.trees, base.files, prefixRange(`${stem}.`))) found.push(key)
  return found
}

/** Where packages stand in a tree with these suites. */
function placesOf(suites: readonly SuiteRecord[]): ListingPlace[] {
  return suites.flatMap(({ suite, components, architectures }) =>
    (components.length === 0 ? [''] : components.flatMap(one => [one, `${one}/debian-installer`])).flatMap(
      component =>
        [...architectures, 'all', 'source', ''].map(architecture => ({ suite, component, architecture })),
    ),
  )
}

function noIndex(
  { name, base, source }: DerivedContent<AptSnapshot>,
  { suite }: SuiteRecord,
  { component, architecture }: Place,
): YardError {
  const place = [suite, component, architecture].filter(part => part !== '').join('/')
  return new YardError(
    'refused',
    `${name}: ${source.repository}@${source.timestamp} has packages in ${place}, which ${base.repository}@${base.timestamp} has not; nothing was made`,
    { hint: 'cut a regular release: it takes over what the repository has become' },
  )
}
