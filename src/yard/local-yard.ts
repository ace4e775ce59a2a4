import { nearestName } from '../config/index.ts'
import { runJob } from '../jobs/index.ts'
import { byteStringOfText, type Name, type SnapshotRecord, YardError } from '../model/index.ts'
import {
  collectGarbage,
  collectLock,
  compareVersions,
  createContent,
  diffSnapshots,
  fetchTree,
  findSnapshot,
  fsck,
  listDirectory,
  listSnapshots,
  type RepositoryContext,
  readUpstreamMemory,
  removeSnapshots,
  syncRepositories,
} from '../repository/index.ts'
import {
  cutRelease,
  listDeclaredTrains,
  promote,
  rollback,
  summariseReleases,
  type TrainContext,
} from '../train/index.ts'
import { emptyTree } from '../tree/index.ts'
import type { OpenYard } from './open-yard.ts'
import { uploadTo } from './upload-to.ts'
import type { RepositorySummary, SearchHit, SnapshotSummary, SyncReport, VerbOptions, Yard } from './yard.ts'

/** A yard in a directory of this machine. `context` is what `openYard` put together; `close` closes all of it. */
export function createLocalYard(context: TrainContext, close: OpenYard['close']): Yard {
  const content = createContent(context)
  const summaryOf = async (record: SnapshotRecord): Promise<SnapshotSummary> => ({
    record,
    completeness: await (await context.catalog()).completeness(record.repository, record.timestamp),
  })
  const jobOf = (subject: string, options: VerbOptions | undefined) => ({
    subject,
    locks: context.locks,
    behind: collectLock,
    clock: context.clock,
    onEvent: options?.onEvent,
    signal: options?.signal,
  })

  return {
    async repositories() {
      return Promise.all(
        [...context.configuration.repositories.keys()].map(name => summarise(context, name, summaryOf)),
      )
    },
    async snapshots(repository) {
      if (repository !== undefined && (await listSnapshots(context.refs, repository)).length === 0)
        await findSnapshot(context, repository)
      return (await context.catalog()).snapshots(repository)
    },
    async snapshot(reference) {
      return summaryOf(await findSnapshot(context, reference))
    },
    async sync(names, options) {
      const wanted =
        names.length === 0 ? [...context.configuration.repositories.keys()] : checkNames(context, names)
      const results = await syncRepositories(context, wanted, options ?? {})
      await context.settleBlobStates()
      return Promise.all(results.map(result => reportOf(context, result, summaryOf)))
    },
    async upload(name, files, options) {
      const uploaded = await uploadTo(context, name, files, jobOf(name, options), summaryOf)
      await context.settleBlobStates()
      return uploaded
    },
    async fetch(reference, options) {
      const record = await findSnapshot(context, reference)
      await runJob(jobOf(record.repository, options), job =>
        job.step('fetch', () => fetchTree(context, record, emptyTree('files').digest, job)),
      )
      await context.settleBlobStates()
      return summaryOf(record)
    },
    async diff(from, to, options) {
      const [before, after] = await Promise.all([findSnapshot(context, from), findSnapshot(context, to)])
      return diffSnapshots(context, before, after, {
        files: options?.files ?? false,
        changelogs: options?.changelogs ?? false,
      })
    },
    async list(reference, path) {
      return listDirectory(context, await findSnapshot(context, reference), path)
    },
    async cat(reference, path) {
      const { repository, timestamp } = await findSnapshot(context, reference)
      const found = await content.resolve(repository, { kind: 'snapshot', timestamp }, path)
      if (found?.kind !== 'file')
        throw new YardError('not-found', `${repository}@${timestamp} has no file ${path}`, {
          hint: `\`switchyard ls ${repository}@${timestamp}\` shows what it has`,
        })
      const opened = await content.open(found, path)
      return opened.kind === 'stream' ? opened.stream : context.blobs.open(found.entry.sha256)
    },
    async search(pattern, options) {
      const hits = await (await context.catalog()).search({
        pattern: byteStringOfText(pattern),
        limit: options?.limit ?? 1000,
        ...(options?.repository === undefined ? {} : { repository: options.repository }),
      })
      return hits.toSorted(byNameThenNewest)
    },
    async remove(reference, options) {
      return runJob(jobOf(reference.split('@')[0]!, options), job => removeSnapshots(context, reference, job))
    },
    trains: train => listDeclaredTrains(context, train),
    async releases(train) {
      const trains = await listDeclaredTrains(context, train)
      return (await Promise.all(trains.map(({ name }) => summariseReleases(context, name)))).flat()
    },
    release: (train, options) => cutRelease(context, train, options),
    promote: (channel, options) => promote(context, channel, options),
    rollback: (channel, options) => rollback(context, channel, options),
    async collectGarbage(options) {
      return collectGarbage(context, { dryRun: options?.dryRun ?? false })
    },
    async fsck(options) {
      return runJob(jobOf('fsck', options), job => fsck(context, { repair: options?.repair ?? false }, job))
    },
    close,
  }
}

function checkNames(context: RepositoryContext, names: Name[]): Name[] {
  for (const name of names)
    if (!context.configuration.repositories.has(name)) {
      const known = [...context.configuration.repositories.keys()]
      const nearest = nearestName(name, known)
      throw new YardError(
        'not-found',
        `there is no repository ${name} in ${context.configuration.file}; nothing was synced`,
        { hint: nearest === undefined ? `there are: ${known.join(', ')}` : `did you mean ${nearest}?` },
      )
    }
  return names
}

async function summarise(
  context: RepositoryContext,
  name: Name,
  summaryOf: (record: SnapshotRecord) => Promise<SnapshotSummary>,
): Promise<RepositorySummary> {
  const repository = context.configuration.repositories.get(name)!
  const { kind, policy } = repository
  const listed = await listSnapshots(context.refs, name)
  const memory = await readUpstreamMemory(context.refs, name)
  return {
    name,
    kind,
    format: repository.kind === 'mirror' ? repository.upstream.format : repository.output.format,
    policy,
    snapshotCount: listed.length,
    ...(listed.length === 0 ? {} : { latest: await summaryOf(await findSnapshot(context, name)) }),
    ...(memory?.checked === undefined ? {} : { checked: memory.checked }),
    ...(memory?.failure === undefined ? {} : { failure: memory.failure }),
  }
}

async function reportOf(
  context: RepositoryContext,
  result: Awaited<ReturnType<typeof syncRepositories>>[number],
  summaryOf: (record: SnapshotRecord) => Promise<SnapshotSummary>,
): Promise<SyncReport> {
  const { repository } = result
  if ('error' in result) {
    const snapshot = (await listSnapshots(context.refs, repository)).at(-1)
    const { code, message, hint } = result.error
    return {
      repository,
      outcome: 'failed',
      ...(snapshot === undefined ? {} : { snapshot }),
      error: { code, message, ...(hint === undefined ? {} : { hint }) },
    }
  }
  const { outcome } = result
  if (outcome.kind === 'created')
    return {
      repository,
      outcome: 'created',
      snapshot: await summaryOf(outcome.record),
      change: outcome.change,
      cost: outcome.cost,
    }
  const snapshot = outcome.snapshot === undefined ? {} : { snapshot: outcome.snapshot }
  return outcome.kind === 'stale'
    ? { repository, outcome: 'stale', ...snapshot, warning: outcome.warning, cost: outcome.cost }
    : { repository, outcome: 'unchanged', ...snapshot, cost: outcome.cost }
}

function byNameThenNewest(a: SearchHit, b: SearchHit): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return (
    compareVersions(a.family, b.version, a.version) ||
    (a.repository < b.repository ? -1 : a.repository > b.repository ? 1 : 0)
  )
}
