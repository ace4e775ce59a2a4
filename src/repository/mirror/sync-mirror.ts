import type { MirrorConfiguration } from '../../config/index.ts'
import type { Job } from '../../jobs/index.ts'
import {
  type ByteString,
  type Digest,
  type FileEntry,
  isYardError,
  messageOf,
  millisecondsOf,
  nextTimestamp,
  type SnapshotRecord,
  type SuiteRecord,
  timestampOf,
} from '../../model/index.ts'
import { countOf, diff, edit, emptyTree } from '../../tree/index.ts'
import { type Fetcher, readSuite, type SuiteAnswer, type SuiteReading } from '../../upstream/index.ts'
import { commitSnapshot } from '../commit-snapshot.ts'
import type { RepositoryContext } from '../context.ts'
import { byteDifference, toTreeEdits } from '../edit-files.ts'
import { completeTree, fetchTree } from '../fetch-tree.ts'
import { type FileEdit, metadataEdits, packageFileEdits, sortedEdits } from '../file-edits.ts'
import { collectRows, type RowChanges } from '../package-rows.ts'
import { pagesFor } from '../pages-for.ts'
import { readNewest, type UpstreamMemory } from '../records.ts'
import { type Made, noTreeCost, type SyncOutcome, startCost } from '../sync-outcome.ts'
import { editPackages } from './edit-packages.ts'
import { type MetadataFiles, metadataFiles, oldMetadata } from './metadata-files.ts'
import { rememberSuites, settingsDigest, usableMemory, withoutValidators } from './suite-memory.ts'
import { type ListingPlace, surroundings } from './surroundings.ts'

/** How often a sync begins again when the mirror changes under it, and how long it waits before (milliseconds). */
const restartDelays = [1_000, 5_000]

/**
 * Reads a mirror's upstream and makes a snapshot when something changed: Release files are verified, the changed
 * indexes read, the new trees made out of the old ones, with `immediate` every blob fetched, and the snapshot
 * committed. One conditional request a suite when nothing changed. Nothing is visible before the commit.
 * @throws YardError as `readSuite` and fetching do; `no-space`; `invalid` for an inconsistent upstream.
 */
export async function syncMirror(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  job: Job,
): Promise<SyncOutcome> {
  const fetcher = await context.fetcher(mirror)
  const cost = startCost(context, [fetcher])
  const begun = context.now()
  const settings = settingsDigest(mirror)
  const previous = await readNewest(context.refs, mirror.name)
  const memory = await usableMemory(context, mirror, settings, previous)
  for (let attempt = 0; ; attempt++) {
    try {
      const answers = await job.step('read upstream', () =>
        readSuites(context, fetcher, mirror, attempt === 0 ? memory : withoutValidators(memory), job.signal),
      )
      const outcome = await makeSnapshot(context, mirror, { fetcher, answers, begun }, job)
      await rememberSuites(context, mirror, settings, answers, memory)
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

async function readSuites(
  context: RepositoryContext,
  fetcher: Fetcher,
  mirror: MirrorConfiguration,
  memory: UpstreamMemory['suites'],
  signal: AbortSignal,
): Promise<Map<ByteString, SuiteAnswer>> {
  const keyring = await context.keyring(mirror)
  const { upstream, name } = mirror
  const read = async (suite: ByteString): Promise<[ByteString, SuiteAnswer]> => [
    suite,
    await readSuite(fetcher, {
      object: name,
      upstream,
      suite,
      keyring,
      memory: memory[suite],
      now: context.now(),
      signal,
    }),
  ]
  return new Map(await Promise.all(upstream.suites.map(read)))
}

/** What a sync has read so far, from where, and when it began (milliseconds since the epoch): the snapshot's timestamp. */
interface Reading {
  fetcher: Fetcher
  answers: Map<ByteString, SuiteAnswer>
  begun: number
}

async function makeSnapshot(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  reading: Reading,
  job: Job,
): Promise<Made> {
  const { answers } = reading
  const previous = await readNewest(context.refs, mirror.name)
  const readings = [...answers.values()].flatMap(answer =>
    answer.kind === 'changed' ? [answer.reading] : [],
  )
  const warning = staleWarning(context, mirror, answers, previous)
  const droppedSuite = previous?.suites.some(suite => !mirror.upstream.suites.includes(suite.suite)) ?? false
  if (readings.length === 0 && !droppedSuite) {
    if (warning !== undefined)
      return { kind: 'stale', warning, snapshot: previous?.timestamp, treeCost: noTreeCost }
    return { kind: 'unchanged', snapshot: previous?.timestamp, treeCost: noTreeCost }
  }
  if (warning !== undefined) job.warn(warning)
  return makeChangedSnapshot(context, mirror, readings, reading, job)
}

async function makeChangedSnapshot(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  readings: SuiteReading[],
  { fetcher, answers, begun }: Reading,
  job: Job,
): Promise<Made> {
  // Opening the catalog finishes what a crash left undone, so the newest snapshot is asked for after it.
  const catalog = await context.catalog()
  const previous = await readNewest(context.refs, mirror.name)
  const packages = await job.step('read indexes', () =>
    editPackages(context, previous, readings, {
      suites: mirror.upstream.suites,
      fetcher,
      signal: job.signal,
    }),
  )
  const pages = pagesFor(context, previous)
  const rows = await collectRows(
    diff(pages, previous?.packages ?? emptyTree('packages').digest, packages.root),
  )
  const metadata = new Map<ByteString, MetadataFiles>()
  await job.step('read metadata', async () => {
    for (const reading of readings)
      metadata.set(
        reading.suite,
        await metadataFiles(context, fetcher, reading, mirror.policy === 'immediate', job.signal),
      )
  })
  const edits = await fileEdits(context, mirror, previous, packages.root, rows, metadata)
  const oldFiles = previous?.files ?? emptyTree('files').digest
  const files = await edit(pages, oldFiles, toTreeEdits(edits))
  const unchanged = previous?.files === files.root && previous.packages === packages.root
  const record: SnapshotRecord = {
    version: 1,
    repository: mirror.name,
    timestamp: nextTimestamp(begun, await catalog.lastTimestamp(mirror.name)),
    format: 'apt',
    kind: 'mirror',
    files: files.root,
    packages: packages.root,
    fileCount: await countOf(context.trees, files.root),
    byteCount: (previous?.byteCount ?? 0) + (await byteDifference(context, oldFiles, files.root)),
    packageCount: await countOf(context.trees, packages.root),
    suites: mirror.upstream.suites.map(suite => suiteRecord(suite, answers.get(suite)!, previous, mirror)),
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

function staleWarning(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  answers: Map<ByteString, SuiteAnswer>,
  previous: SnapshotRecord | undefined,
): string | undefined {
  const stale = [...answers].flatMap(([suite, answer]) =>
    answer.kind === 'stale' ? [`${suite} (dated ${answer.date} at ${answer.mirror})`] : [],
  )
  if (stale.length === 0 || previous === undefined) return undefined
  const days = Math.floor(
    (context.now() - Math.max(...previous.suites.map(suite => millisecondsOf(suite.date)))) / 86_400_000,
  )
  return `${mirror.name}: every mirror is older than what we hold for ${stale.join(', ')}; what we hold is ${days} days old and still served`
}

async function fileEdits(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  previous: SnapshotRecord | undefined,
  packages: Digest,
  rows: RowChanges,
  metadata: Map<ByteString, MetadataFiles>,
): Promise<FileEdit[]> {
  const edits = await packageFileEdits(
    rows,
    surroundings(context, previous?.files, packages, placesOf(mirror)),
    mirror.name,
  )
  if (previous === undefined) return sortedEdits(edits, ...metadata.values())
  const before = await oldMetadata(
    context,
    previous.files,
    previous.suites.map(suite => suite.suite),
  )
  const gone: Map<ByteString, FileEntry | undefined>[] = []
  for (const [suite, files] of before)
    if (metadata.has(suite) || !mirror.upstream.suites.includes(suite))
      gone.push(metadataEdits(files.keys(), metadata.get(suite) ?? new Map()))
  const fresh = [...metadata].filter(([suite]) => !before.has(suite)).map(([, files]) => files)
  return sortedEdits(edits, ...gone, ...fresh)
}

function placesOf(mirror: MirrorConfiguration): ListingPlace[] {
  const { suites, components, architectures, installer } = mirror.upstream
  const all =
    components.length === 0
      ? ['']
      : installer
        ? components.flatMap(name => [name, `${name}/debian-installer`])
        : components
  return suites.flatMap(suite =>
    all.flatMap(component =>
      [...architectures, 'all', 'source', ''].map(architecture => ({ suite, component, architecture })),
    ),
  )
}

function suiteRecord(
  suite: ByteString,
  answer: SuiteAnswer,
  previous: SnapshotRecord | undefined,
  mirror: MirrorConfiguration,
): SuiteRecord {
  if (answer.kind !== 'changed') return previous!.suites.find(old => old.suite === suite)!
  const { release, directory, trust } = answer.reading
  return {
    directory,
    suite,
    origin: release.origin,
    label: release.label,
    codename: release.codename,
    date: timestampOf(release.date),
    components: mirror.upstream.components,
    architectures: mirror.upstream.architectures,
    trust,
  }
}
