import { type ByteString, type FileEntry, isYardError, type SnapshotRecord } from '../../model/index.ts'
import { type Entry, encodeFileEntry, leaves, survey, type TreeKind } from '../../tree/index.ts'
import { composedAgain } from '../compose/composed-again.ts'
import { rebuildMetadata } from '../compose/rebuild-metadata.ts'
import type { RepositoryContext } from '../context.ts'
import { derivedAgain } from '../derive/derived-again.ts'
import { isSideKey, rowOf } from '../package-rows.ts'
import { uploadedAgain } from '../uploads/uploaded-again.ts'
import { fillGaps, type Source, sourceOfEntries } from './fill-gaps.ts'
import { packagesOfIndexes } from './packages-of-indexes.ts'
import { packagesOfPrimary } from './packages-of-primary.ts'
import { repodataGuesses } from './repodata-guesses.ts'
import { type Check, nameOf } from './report.ts'
import { suiteGuesses } from './suite-guesses.ts'

/**
 * Writes the pages of a snapshot's tree again that cannot be read. What they held is told by what is left of the
 * snapshot: its Release files or repomd.xml name its indexes, those its packages, and all of them its files; a composed one can be made
 * again from its inputs. Where that is open, one guess after another is tried: the tree's digest proves the right one.
 * Says what to do when none is.
 */
export async function rebuildTree(check: Check, record: SnapshotRecord, kind: TreeKind): Promise<void> {
  const { context, job } = check
  let before = ''
  for (;;) {
    const gaps = await gapsOf(context, record, kind)
    if (gaps === '') return
    // A page that came back may show others beneath it that cannot be read.
    const failure = gaps === before ? 'its pages cannot be written' : await fillFromAny(check, record, kind)
    if (failure !== undefined) {
      job.warn(
        `${nameOf(record)}: its tree of ${kind} could not be rebuilt: ${failure}; nothing was changed`,
        `put the page's file back from a copy of the yard, or remove the snapshot: switchyard rm ${nameOf(record)}`,
      )
      return
    }
    before = gaps
  }
}

async function gapsOf(context: RepositoryContext, record: SnapshotRecord, kind: TreeKind): Promise<string> {
  const gaps: string[] = []
  for await (const found of survey(context.pages, record[kind]))
    if (found.kind === 'gap') gaps.push(found.digest)
  return gaps.join(' ')
}

/** Why it did not work; undefined when it did. */
async function fillFromAny(
  check: Check,
  record: SnapshotRecord,
  kind: TreeKind,
): Promise<string | undefined> {
  let failure = 'what is left of the snapshot gives another tree'
  const works = async (source: Source): Promise<boolean> => {
    try {
      return await fillGaps(check.context.pages, record[kind], kind, source)
    } catch (error) {
      failure = reasonOf(error)
      return false
    }
  }
  for (const sources of kind === 'packages' ? sourcesOfPackages : sourcesOfFiles)
    try {
      for await (const source of sources(check, record)) if (await works(source)) return undefined
    } catch (error) {
      failure = reasonOf(error)
    }
  return failure
}

/** What a source cannot give is no defect. */
function reasonOf(error: unknown): string {
  if (!isYardError(error) || error.code === 'no-space' || error.code === 'cancelled') throw error
  return error.message
}

type Sources = (check: Check, record: SnapshotRecord) => AsyncIterable<Source>

/** Where the packages tree may come from, the quickest first. */
const sourcesOfPackages: Sources[] = [
  async function* fromIndexes(check, record) {
    for await (const guess of suiteGuesses(check.context, record))
      yield packagesOfIndexes(check, record, guess)
  },
  async function* fromPrimary(check, record) {
    if (record.kind !== 'mirror') return
    for await (const guess of repodataGuesses(check.context, record))
      yield sourceOfEntries(await packagesOfPrimary(check, record, guess))
  },
  async function* fromInputs({ context, job }, record) {
    if (record.kind !== 'compose') return
    const again = record.derived === undefined ? composedAgain(context, record, job.signal) : undefined
    yield sourceOfEntries(await (again ?? derivedAgain(context, record, 'packages', job.signal)))
  },
  async function* fromPackageFiles({ context }, record) {
    if (record.kind === 'uploads') yield sourceOfEntries(await uploadedAgain(context, record))
  },
]

/** Where the files tree may come from. Most of its pages name packages alone. */
const sourcesOfFiles: Sources[] = [
  async function* fromPackages({ context }, record) {
    yield sourceOfEntries(fileEntries(await filesOfPackages(context, record)))
  },
  async function* fromWritingAgain({ context, job }, record) {
    if (record.kind === 'mirror') return
    if (record.derived !== undefined) {
      yield sourceOfEntries(await derivedAgain(context, record, 'files', job.signal))
      return
    }
    const metadata = await rebuildMetadata(context, record)
    yield sourceOfEntries(fileEntries(await filesOfPackages(context, record), metadata))
  },
  async function* fromMetadata({ context }, record) {
    const packages = await filesOfPackages(context, record)
    const guesses = record.format === 'apt' ? suiteGuesses : repodataGuesses
    for await (const guess of guesses(context, record))
      yield sourceOfEntries(fileEntries(packages, ...guess.map(({ files }) => files)))
  },
]

async function filesOfPackages(
  context: RepositoryContext,
  record: SnapshotRecord,
): Promise<Map<ByteString, FileEntry>> {
  const files = new Map<ByteString, FileEntry>()
  for await (const leaf of leaves(context.pages, record.packages))
    for (const { key, value } of leaf)
      if (!isSideKey(key)) for (const { path, entry } of rowOf(key, value).files) files.set(path, entry)
  return files
}

/** The entries of a files tree; a later map outranks an earlier one. */
function fileEntries(...maps: ReadonlyMap<ByteString, FileEntry>[]): Entry[] {
  const files = new Map(maps.flatMap(map => [...map]))
  return [...files.keys()].sort().map(key => ({ key, value: encodeFileEntry(files.get(key)!) }))
}
