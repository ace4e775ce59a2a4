import type { MirrorConfiguration } from '../../config/index.ts'
import type { Job } from '../../jobs/index.ts'
import {
  type ByteString,
  type FileEntry,
  isYardError,
  messageOf,
  millisecondsOf,
  nextTimestamp,
  type SnapshotRecord,
} from '../../model/index.ts'
import { countOf, diff, type EditResult, edit, emptyTree } from '../../tree/index.ts'
import type { PartMemory } from '../../upstream/index.ts'
import { commitSnapshot } from '../commit-snapshot.ts'
import type { RepositoryContext } from '../context.ts'
import { countPackages } from '../count-packages.ts'
import { byteDifference, toTreeEdits } from '../edit-files.ts'
import { completeTree, fetchTree } from '../fetch-tree.ts'
import { type FileEdit, metadataEdits, packageFileEdits, sortedEdits } from '../file-edits.ts'
import { collectRows, type RowChanges } from '../package-rows.ts'
import { pagesFor } from '../pages-for.ts'
import { readNewest } from '../records.ts'
import { type Made, noTreeCost, type SyncOutcome, startCost } from '../sync-outcome.ts'
import { aptFormat } from './apt/apt-format.ts'
import { dnfFormat } from './dnf/dnf-format.ts'
import type { Answers, MetadataFiles, MirrorFormat } from './mirror-format.ts'
import { rememberParts, settingsDigest, usableMemory, withoutValidators } from './part-memory.ts'
import { surroundings } from './surroundings.ts'

/** How often a sync begins again when the mirror changes under it, and how long it waits before (milliseconds). */
const restartDelays = [1_000, 5_000]

/**
 * Reads a mirror's upstream and makes a snapshot when something changed: what everything hangs on is verified, the
 * changed indexes read, the new trees made out of the old ones, with `immediate` every blob fetched, and the snapshot
 * committed. One conditional request a part when nothing changed. Nothing is visible before the commit.
 * @throws YardError as reading and fetching do; `no-space`; `invalid` for an inconsistent upstream.
 */
export async function syncMirror(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  job: Job,
): Promise<SyncOutcome> {
  const { upstream } = mirror
  return upstream.format === 'apt'
    ? syncFormat(context, mirror, await aptFormat(context, mirror, upstream), job)
    : syncFormat(context, mirror, await dnfFormat(context, mirror, upstream), job)
}

async function syncFormat<Reading extends { memory: PartMemory }>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  format: MirrorFormat<Reading>,
  job: Job,
): Promise<SyncOutcome> {
  const cost = startCost(context, [await context.fetcher(mirror)])
  const begun = context.now()
  const settings = settingsDigest(mirror, format.settings)
  const previous = await readNewest(context.refs, mirror.name)
  const memory = await usableMemory(context, mirror, format, settings, previous)
  for (let attempt = 0; ; attempt++) {
    try {
      const answers = await job.step('read upstream', () =>
        format.read(attempt === 0 ? memory : withoutValidators(memory), job.signal),
      )
      const outcome = await makeSnapshot(context, mirror, format, { answers, begun }, job)
      await rememberParts(context, mirror, settings, answers, memory)
      return cost.finish(outcome)
    } catch (error) {
      const delay = restartDelays[attempt]
      if (delay === undefined || !isYardError(error, 'damaged', 'incomplete')) throw error
      job.warn(
        `${mirror.name}: upstream seems to change at this moment (${messageOf(error)}); beginning again`,
      )
      await context.sleep(delay, job.signal)
    }
  }
}

/** What a sync has read so far, and when it began (milliseconds since the epoch): the snapshot's timestamp. */
interface Reading<R extends { memory: PartMemory }> {
  answers: Answers<R>
  begun: number
}

async function makeSnapshot<R extends { memory: PartMemory }>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  format: MirrorFormat<R>,
  reading: Reading<R>,
  job: Job,
): Promise<Made> {
  const { parts } = reading.answers
  const previous = await readNewest(context.refs, mirror.name)
  const readings = [...parts.values()].flatMap(answer => (answer.kind === 'changed' ? [answer.reading] : []))
  const warning = staleWarning(context, mirror, format, reading.answers, previous)
  const dropped =
    previous !== undefined && [...format.partsOf(previous).keys()].some(part => !parts.has(part))
  if (readings.length === 0 && !dropped) {
    if (warning !== undefined)
      return { kind: 'stale', warning, snapshot: previous?.timestamp, treeCost: noTreeCost }
    return { kind: 'unchanged', snapshot: previous?.timestamp, treeCost: noTreeCost }
  }
  if (warning !== undefined) job.warn(warning)
  return makeChangedSnapshot(context, mirror, format, readings, reading, job)
}

async function makeChangedSnapshot<R extends { memory: PartMemory }>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  format: MirrorFormat<R>,
  readings: R[],
  { answers, begun }: Reading<R>,
  job: Job,
): Promise<Made> {
  // Opening the catalog finishes what a crash left undone, so the newest snapshot is asked for after it.
  const catalog = await context.catalog()
  const previous = await readNewest(context.refs, mirror.name)
  const packages = await job.step('read indexes', () =>
    format.editPackages(previous, readings, answers, job.signal),
  )
  const pages = pagesFor(context, previous)
  const rows = await collectRows(
    diff(pages, previous?.packages ?? emptyTree('packages').digest, packages.root),
  )
  const metadata = await job.step('read metadata', async () => {
    const files = new Map<ByteString, MetadataFiles>()
    for (const [part, answer] of answers.parts)
      if (answer.kind === 'changed')
        files.set(part, await format.metadataFiles(answer.reading, answers.fetcher, previous, job.signal))
    return files
  })
  const edits = await fileEdits(context, mirror, format, previous, packages, rows, metadata, answers)
  const oldFiles = previous?.files ?? emptyTree('files').digest
  const files = await edit(pages, oldFiles, toTreeEdits(edits))
  const unchanged = previous?.files === files.root && previous.packages === packages.root
  const record: SnapshotRecord = {
    version: 1,
    repository: mirror.name,
    timestamp: nextTimestamp(begun, await catalog.lastTimestamp(mirror.name)),
    ...format.partsRecord(answers, previous),
    kind: 'mirror',
    files: files.root,
    packages: packages.root,
    fileCount: await countOf(context.trees, files.root),
    byteCount: (previous?.byteCount ?? 0) + (await byteDifference(context, oldFiles, files.root)),
    packageCount: await countPackages(context.trees, packages.root),
  }
  if (mirror.policy === 'immediate')
    await job.step('fetch', async () =>
      fetchTree(context, unchanged ? previous : record, await completeTree(context, previous), job),
    )
  if (unchanged) return { kind: 'unchanged', snapshot: previous.timestamp, treeCost: noTreeCost }
  const commit = await job.step('commit', () => commitSnapshot(context, record, previous, rows, job))
  return {
    kind: 'created',
    record,
    change: commit.change,
    treeCost: {
      newFilePages: files.newPages,
      newFilePageBytes: files.newPageBytes,
      newPackagePages: packages.newPages,
      newPackagePageBytes: packages.newPageBytes,
    },
  }
}

function staleWarning<R extends { memory: PartMemory }>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  format: MirrorFormat<R>,
  { parts }: Answers<R>,
  previous: SnapshotRecord | undefined,
): string | undefined {
  const stale = [...parts].flatMap(([part, answer]) =>
    answer.kind === 'stale' ? [`${part || 'repomd.xml'} (dated ${answer.date} at ${answer.mirror})`] : [],
  )
  if (stale.length === 0 || previous === undefined) return undefined
  const days = Math.floor(
    (context.now() - Math.max(...[...format.partsOf(previous).values()].map(millisecondsOf))) / 86_400_000,
  )
  return `${mirror.name}: every mirror is older than what we hold for ${stale.join(', ')}; what we hold is ${days} days old and still served`
}

async function fileEdits<R extends { memory: PartMemory }>(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  format: MirrorFormat<R>,
  previous: SnapshotRecord | undefined,
  packages: EditResult,
  rows: RowChanges,
  metadata: Map<ByteString, MetadataFiles>,
  { parts }: Answers<R>,
): Promise<FileEdit[]> {
  const edits = await packageFileEdits(
    rows,
    surroundings(context, previous?.files, packages.root, format.places),
    mirror.name,
  )
  if (previous === undefined) return sortedEdits(edits, ...metadata.values())
  const before = await format.oldMetadata(previous)
  const gone: Map<ByteString, FileEntry | undefined>[] = []
  for (const [part, files] of before)
    if (metadata.has(part) || !parts.has(part))
      gone.push(metadataEdits(files.keys(), metadata.get(part) ?? new Map()))
  const fresh = [...metadata].filter(([part]) => !before.has(part)).map(([, files]) => files)
  return sortedEdits(edits, ...gone, ...fresh)
}
