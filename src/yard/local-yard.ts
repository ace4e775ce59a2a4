import { nearestName } from '../config/index.ts'
import {
  changeCard,
  createHostToken,
  type FleetContext,
  labelHost,
  liftQuarantine,
  listHosts,
  listHostTokens,
  moveHost,
  quarantine,
  revokeHost,
  revokeHostToken,
  showHost,
} from '../fleet/index.ts'
import { runJob } from '../jobs/index.ts'
import {
  byteStringOfText,
  type ChannelRecord,
  type Json,
  type Name,
  parseReference,
  type SnapshotRecord,
  YardError,
} from '../model/index.ts'
import {
  collectGarbage,
  collectLock,
  compareVersions,
  createContent,
  diffSnapshots,
  type FsckReport,
  fetchTree,
  findSnapshot,
  fsck,
  type GcReport,
  listSnapshots,
  type RepositoryContext,
  readUpstreamMemory,
  removeSnapshots,
  syncRepositories,
} from '../repository/index.ts'
import {
  approve,
  bump,
  checkTrains,
  compare,
  compareSources,
  cutRelease,
  evidenceOn,
  findRelease,
  gateRelease,
  hold,
  isTrain,
  liftHalts,
  listDeclaredTrains,
  listHolds,
  look,
  type MoveReport,
  overlay,
  placesOf,
  placeWithin,
  promote,
  readTravels,
  readVerdict,
  removeRelease,
  resolveReference,
  rollback,
  summariseReleases,
  type TrainContext,
  unhold,
} from '../train/index.ts'
import { emptyTree } from '../tree/index.ts'
import { requestSignatures, takeIn, withdraw } from './ceremony.ts'
import { checkStatements } from './check-statements.ts'
import { createLockFile, type LockReport } from './lock-file.ts'
import type { OpenYard } from './open-yard.ts'
import { createPlanner } from './plan-and-apply.ts'
import { recorded } from './recorded.ts'
import { readStatus } from './status.ts'
import { createToken, listTokens, revokeToken } from './tokens.ts'
import { uploadTo } from './upload-to.ts'
import { verifyLog } from './verify-log.ts'
import type { RepositorySummary, SearchHit, SnapshotSummary, SyncReport, VerbOptions, Yard } from './yard.ts'

/** A yard in a directory of this machine. `context` is what `openYard` put together; `close` closes all of it. */
export function createLocalYard(context: FleetContext, close: OpenYard['close']): Yard {
  const content = createContent(context)
  const lockFile = createLockFile(context)
  /** The same context for one verb: what the audit log says of what it commits. */
  const by = (verb: string, options: { why?: string | undefined } | undefined): TrainContext => {
    const why = options?.why === undefined ? {} : { why: options.why }
    return { ...context, cause: { verb, ...context.actor, ...why } }
  }
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
      const results = await syncRepositories(by('sync', options), wanted, options ?? {})
      await context.settleBlobStates()
      return Promise.all(results.map(result => reportOf(context, result, summaryOf)))
    },
    async upload(name, files, options) {
      const job = jobOf(name, options)
      const uploaded = await uploadTo(by('upload', options), name, files, job, summaryOf)
      await context.settleBlobStates()
      return uploaded
    },
    async fetch(reference, options) {
      const record = await findSnapshot(context, reference)
      const subject = `${record.repository}@${record.timestamp}`
      const detailOf = ({ completeness }: SnapshotSummary) => ({ ...completeness })
      return recorded(context, { verb: 'fetch', subject, why: options?.why, detailOf }, async () => {
        await runJob(jobOf(record.repository, options), job =>
          job.step('fetch', () => fetchTree(context, record, emptyTree('files').digest, job)),
        )
        await context.settleBlobStates()
        return summaryOf(record)
      })
    },
    async diff(from, to, options) {
      const [before, after] = await Promise.all([findSnapshot(context, from), findSnapshot(context, to)])
      return diffSnapshots(context, before, after, {
        files: options?.files ?? false,
        changelogs: options?.changelogs ?? false,
      })
    },
    compare: (from, to, options) =>
      compare(context, from, to, { files: false, changelogs: false, ...options }),
    compareSources: (from, to) => compareSources(context, from, to),
    list: (reference, path) => look(context, reference, path),
    async cat(reference, path) {
      const at = placeWithin(await resolveReference(context, reference), path)
      const { repository, timestamp } = at.snapshot
      const found = await content.resolve(repository, { kind: 'snapshot', timestamp }, at.path)
      if (found?.kind !== 'file')
        throw new YardError('not-found', `${repository}@${timestamp} has no file ${at.path}`, {
          hint: `\`switchyard ls ${repository}@${timestamp}\` shows what it has`,
        })
      const opened = await content.open(found, at.path)
      return opened.kind === 'stream' ? opened.stream : context.blobs.open(found.entry.sha256)
    },
    async search(pattern, options) {
      const hits = await (await context.catalog()).search({
        pattern: byteStringOfText(pattern),
        limit: options?.limit ?? 1000,
        ...(options?.repository === undefined ? {} : { repository: options.repository }),
      })
      const travels = await readTravels(context)
      return hits.map(hit => ({ ...hit, ...placesOf(hit, travels) })).sort(byNameThenNewest)
    },
    overlay: reference => overlay(context, reference),
    async remove(reference, options) {
      const { repository: name } = parseReference(reference)
      if (await isTrain(context, name)) return removeRelease(context, reference, options?.why)
      return runJob(jobOf(reference.split('@')[0]!, options), job =>
        removeSnapshots(by('rm', options), reference, job),
      )
    },
    trains: train => listDeclaredTrains(context, train),
    async releases(train) {
      const trains = await listDeclaredTrains(context, train)
      return (await Promise.all(trains.map(({ name }) => summariseReleases(context, name)))).flat()
    },
    release: (train, options) => cutRelease(by('release', options), train, options),
    bump: (train, packages, options) => bump(by('bump', options), train, packages, options),
    hold: (target, pattern, options) => hold(context, target, pattern, options),
    unhold: (target, pattern, options) => unhold(context, target, pattern, options?.why),
    holds: train => listHolds(context, train),
    gate: (release, options) => gateRelease(context, release, options),
    evidence: (release, options) => evidenceOn(context, release, options?.channel),
    async verdict(release, channel, gate) {
      const { train, timestamp } = await findRelease(context, release)
      return readVerdict(context, { train, channel }, timestamp, gate)
    },
    approve: (release, options) => approve(context, release, options),
    promote: (channel, options) =>
      lockFile.following('promotion', () => promote(context, channel, options), movedBy),
    rollback: (channel, options) =>
      lockFile.following('rollback', () => rollback(context, channel, options), movedBy),
    ...createPlanner(context, lockFile.read),
    lock: () => {
      const detailOf = ({ outcome }: LockReport) => ({ outcome })
      return recorded(context, { verb: 'lock', subject: 'yard', why: undefined, detailOf }, lockFile.write)
    },
    status: () => readStatus(context),
    resume: (channel, options) => liftHalts(context, channel, options),
    statements: () => context.statements.state(),
    requestSignatures: () => requestSignatures(context),
    withdraw: (change, options) => withdraw(context, change, options),
    submit: (text, options) =>
      lockFile.following(
        'signature',
        () => takeIn(context, text, options),
        ({ moved }) => moved,
      ),
    async collectGarbage(options) {
      const dryRun = options?.dryRun ?? false
      const work = () => collectGarbage(context, { dryRun })
      const detailOf = ({ dryRun: _, ...counts }: GcReport) => counts
      return dryRun
        ? work()
        : recorded(context, { verb: 'gc', subject: 'yard', why: options?.why, detailOf }, work)
    },
    async fsck(options) {
      const repair = options?.repair ?? false
      const asked = by('fsck', options)
      const work = () =>
        runJob(jobOf('fsck', options), async job => {
          const report = await fsck(asked, { repair }, job)
          await job.step('check trains', () => checkTrains({ context: asked, repair, report }))
          await job.step('check statements', () => checkStatements(context, report))
          return report
        })
      return repair
        ? recorded(context, { verb: 'fsck', subject: 'yard', why: options?.why, detailOf: repairs }, work)
        : work()
    },
    async log(options) {
      const { limit = 100, ...rest } = options ?? {}
      return (await context.catalog()).latestAudit({ ...rest, limit })
    },
    verifyLog: async () => verifyLog(context, await context.catalog()),
    tokens: () => listTokens(context.refs),
    createToken: (name, options) => createToken(context, name, options),
    revokeToken: (name, options) => revokeToken(context, name, options ?? {}),
    hosts: filter => listHosts(context, filter ?? {}),
    host: id => showHost(context, id),
    revokeHost: (id, options) => revokeHost(context, id, options),
    labelHost: (id, options) => labelHost(context, id, options),
    changeHostCard: (id, change) => changeCard(context, id, change),
    moveHost: (id, options) => moveHost(context, id, options),
    quarantineHost: (id, options) => quarantine(context, id, options),
    liftQuarantine: (id, options) => liftQuarantine(context, id, options ?? {}),
    hostTokens: () => listHostTokens(context),
    createHostToken: (name, options) => createHostToken(context, name, options),
    revokeHostToken: (name, options) => revokeHostToken(context, name, options ?? {}),
    close,
  }
}

function movedBy(report: MoveReport): ChannelRecord[] {
  return report.outcome === 'moved' ? [report.channel] : []
}

/** The log has room for the first findings alone. */
function repairs({ findings }: FsckReport): Json {
  const repaired = findings.filter(finding => finding.repaired).map(({ what, name }) => `${what} ${name}`)
  return { findings: findings.length, repaired: repaired.length, first: repaired.slice(0, 100) }
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
