import {
  type ChannelRecord,
  type ChannelReference,
  canonicalJson,
  digestOf,
  type FileEntry,
  isYardError,
  type Json,
  messageOf,
  type Name,
  type ReleaseRecord,
  type ServedRepository,
  type SnapshotName,
} from '../model/index.ts'
import {
  type FsckReport,
  findSnapshot,
  listChannels,
  listReleases,
  listTrains,
  readChannel,
  sealedBlobs,
  trainRefs,
  writeRecord,
} from '../repository/index.ts'
import { loggedMoves } from './audit-lines.ts'
import { checkEvidence } from './check-evidence.ts'
import type { TrainContext } from './context.ts'
import { replayed } from './line.ts'
import { rebuiltChannel } from './rebuild-channel.ts'
import { findRelease } from './release-reference.ts'
import { isSealedByNow, sealedAnew } from './reseal-channels.ts'
import { underStoreLock, underTrainLock } from './train-lock.ts'

/** What is looked at, whether it is mended, and where it is said what was found. */
export interface TrainCheck {
  context: TrainContext
  repair: boolean
  report: FsckReport
}

/**
 * Proves that every release is what the yard signed, and that every channel stands where the audit log says, serves what its
 * release names, and has every file that was sealed for it; and that evidence and approvals are genuine. With `repair`, a
 * channel is made again from the audit log, or sealed anew; a release cannot be made again.
 */
export async function checkTrains(check: TrainCheck): Promise<void> {
  const { refs, configuration } = check.context
  for (const train of await listTrains(refs)) {
    for (const timestamp of await listReleases(refs, train)) {
      await checkRelease(check, `${train}@${timestamp}`)
      await checkEvidence(check, train, timestamp)
    }
    const declared = configuration.trains.get(train)?.channels.keys() ?? []
    for (const channel of new Set([...(await listChannels(refs, train)), ...declared]))
      await underTrainLock(check.context, train, () => checkChannel(check, { train, channel }))
  }
}

async function checkRelease({ context, report }: TrainCheck, name: string): Promise<void> {
  report.checkedRefs++
  const problem = await problemOf(async () => {
    const release = await findRelease(context, name)
    for (const { repository, timestamp } of Object.values(release.snapshots))
      await findSnapshot(context, `${repository}@${timestamp}`)
  })
  if (problem !== undefined) report.findings.push({ what: 'ref', name, problem, repaired: false, usedBy: [] })
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (!isYardError(error, 'damaged', 'not-found')) throw error
    return messageOf(error)
  }
}

async function checkChannel(check: TrainCheck, reference: ChannelReference): Promise<void> {
  const { context, report, repair } = check
  const history = await loggedMoves(context, reference)
  let record: ChannelRecord | undefined
  let problem = await problemOf(async () => {
    record = await readChannel(context.refs, reference.train, reference.channel)
  })
  if (record === undefined && problem === undefined && history.length === 0) return
  report.checkedRefs++
  problem ??= record === undefined ? 'its ref is missing' : await misplaced(context, record, history)
  if (problem !== undefined) {
    const fault = repair
      ? await mend(check, reference, () => rebuiltChannel(context, reference, history))
      : undefined
    tell(check, reference, problem, fault)
    return
  }
  const flaw = await sealFlaw(context, record!)
  if (flaw === undefined) return
  const fault = repair ? await mend(check, reference, () => sealedAnew(context, flaw.record)) : undefined
  tell(check, reference, flaw.problem, fault)
}

function tell(
  { report, repair }: TrainCheck,
  { train, channel }: ChannelReference,
  problem: string,
  fault: string | undefined,
): void {
  report.findings.push({
    what: 'ref',
    name: `${train}/${channel}`,
    problem: fault === undefined ? problem : `${problem}; ${fault}`,
    repaired: repair && fault === undefined,
    usedBy: [],
  })
}

/** Why it could not be; undefined when it was. */
function mend(
  { context }: TrainCheck,
  { train, channel }: ChannelReference,
  make: () => Promise<ChannelRecord>,
): Promise<string | undefined> {
  return problemOf(() =>
    underStoreLock(context, `${train}/${channel}`, async () =>
      writeRecord(context.refs, trainRefs.channel(train, channel), await make()),
    ),
  )
}

/** How a channel's record contradicts itself, the audit log, or the release that it names. */
async function misplaced(
  context: TrainContext,
  record: ChannelRecord,
  logged: ChannelRecord['history'],
): Promise<string | undefined> {
  if (!isEqual(record.history, logged)) return 'its history is not what the audit log says'
  const last = record.history.at(-1)
  if (last?.release !== record.release)
    return `it is at ${record.release}, but its last move was to ${last?.release ?? 'nothing'}`
  if (!isItsLine(record)) return 'its line of promotions does not follow from its history'
  const release = await findRelease(context, `${record.train}@${record.release}`).catch(error => {
    if (!isYardError(error, 'damaged', 'not-found')) throw error
  })
  if (release === undefined) return `its release ${record.train}@${record.release} cannot be read`
  return isEqual(snapshotsOf(record), release.snapshots)
    ? undefined
    : `it serves other snapshots than ${record.train}@${record.release} names`
}

/** What was removed from the beginning of the line is gone from it. */
function isItsLine({ history, line, at }: ChannelRecord): boolean {
  const whole = replayed(history)
  if (whole === undefined) return false
  const gone = whole.line.length - line.length
  return gone >= 0 && whole.at - gone === at && isEqual(whole.line.slice(gone), line)
}

function snapshotsOf({ repositories }: ChannelRecord): ReleaseRecord['snapshots'] {
  const served = Object.entries(repositories) as [Name, ServedRepository][]
  return Object.fromEntries(served.map(([name, { snapshot }]): [Name, SnapshotName] => [name, snapshot]))
}

function isEqual(a: object, b: object): boolean {
  return canonicalJson(a as Json) === canonicalJson(b as Json)
}

/** What is wrong with the seal, and the record from which it is made anew. */
async function sealFlaw(
  context: TrainContext,
  record: ChannelRecord,
): Promise<{ problem: string; record: ChannelRecord } | undefined> {
  for (const served of Object.values(record.repositories))
    for (const entry of sealedBlobs(served))
      if (!(await isWhole(context, entry)))
        return {
          problem: `a file that was sealed for it is lost: ${entry.sha256}`,
          record: withoutOldSeals(record),
        }
  if (await isSealedByNow(context, record)) return undefined
  return { problem: 'other keys have sealed it than those that sign now', record }
}

async function isWhole({ blobs }: TrainContext, { sha256, size }: FileEntry): Promise<boolean> {
  const bytes = await blobs.read(sha256, size).catch(() => undefined)
  return bytes !== undefined && digestOf(bytes) === sha256
}

/** Release files of what was served before cannot be made again; its indexes and packages are answered as before. */
function withoutOldSeals(record: ChannelRecord): ChannelRecord {
  const repositories = (Object.entries(record.repositories) as [Name, ServedRepository][]).map(
    ([name, served]): [Name, ServedRepository] => [
      name,
      { ...served, recent: served.recent.map(recent => ({ ...recent, sealed: {} })) },
    ],
  )
  return { ...record, repositories: Object.fromEntries(repositories) }
}
