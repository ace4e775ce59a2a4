import {
  type ChannelRecord,
  type ChannelReference,
  parseReleaseReference,
  type ReleaseRecord,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import { readChannel } from '../repository/index.ts'
import { audit } from './audit.ts'
import { type ClientChanges, checkIdentity, clientChanges, noChanges } from './client-changes.ts'
import type { TrainContext } from './context.ts'
import { declaredChannel } from './declared-train.ts'
import { withoutAwaited } from './departures/awaited-gates.ts'
import type { StagedMove } from './departures/peoples-channel.ts'
import { checkExpected, checkUnmoved } from './expected.ts'
import { checkChannelHolds } from './holds/check-holds.ts'
import { type JudgeOptions, judgeRelease, labelsOf } from './judge-release.ts'
import { promoted } from './line.ts'
import { checkMayEnter, defaultRelease } from './may-enter.ts'
import { type MoveOutcome, moveChannel } from './move-channel.ts'
import { checkOverrides, decide, overriddenBy } from './refusal.ts'
import { findRelease } from './release-reference.ts'
import { underTrainLock } from './train-lock.ts'

export interface PromoteOptions {
  /** `TRAIN@T`; default: where the channel before it stands; for the first one the newest regular release. */
  release?: string | undefined
  /** Where the caller believes the channel stands; another place is an error. Undefined: where it stands when it is asked. */
  expected?: Timestamp | undefined
  why?: string | undefined
  /** Gates, by their labels, past which it goes though they refuse; needs `why`. */
  override?: string[] | undefined
  /** Though apt would take a suite for another repository's. */
  allowIdentityChange?: boolean | undefined
  /** `TRAIN@T`: the security floor of the channel's hosts from now on, below which none of them goes again. Default: as before. */
  floor?: string | undefined
  /** Told of each gate's verdict as it comes. */
  onVerdict?: JudgeOptions['onVerdict']
  signal?: AbortSignal | undefined
}

export type MoveReport = MovedReport | StagedReport

interface MoveFacts {
  /** Where it stood before; undefined at its first promotion. */
  from?: Timestamp
  /** What it does to clients beside giving them other packages; of a channel that did not move, nothing. */
  changes: ClientChanges
  milliseconds: number
}

export interface MovedReport extends MoveFacts {
  outcome: 'moved' | 'unchanged'
  channel: ChannelRecord
}

/** The channel stays where it is until enough people have signed its statement; then it moves by itself. */
export interface StagedReport extends MoveFacts {
  outcome: 'staged'
  staged: StagedMove
}

/**
 * Moves a channel to a release that passed its gates, all repositories at once. Nothing is locked while they judge; that what
 * they rested on is still as it was is looked at again before the move.
 * Where people sign for the channel, what passed is staged for them instead.
 * @throws YardError `not-found` for what does not exist; `refused` when the release was not in the channel before it, changes
 *   a package that is held in the channel, or a gate does not pass; `busy` when somebody moved the channel, or the one before it, meanwhile; `usage` for an override without a reason.
 */
export async function promote(
  context: TrainContext,
  reference: ChannelReference,
  options: PromoteOptions = {},
): Promise<MoveReport> {
  const begun = context.clock()
  const { train, channel } = declaredChannel(context, reference)
  const overrides = options.override ?? []
  checkOverrides(reference, labelsOf(channel), overrides, options.why)
  const release = await (options.release === undefined
    ? defaultRelease(context, reference, channel)
    : findRelease(context, options.release))
  checkTrain(release, reference, options.release)
  const readBefore = async () =>
    channel.after === undefined ? undefined : readChannel(context.refs, train.name, channel.after)
  const before = await readBefore()
  const current = await readChannel(context.refs, train.name, channel.name)
  checkExpected(current, reference, options.expected)
  const floor = floorOf(reference, options.floor)
  const isThere = (at: ChannelRecord | undefined) => at?.release === release.timestamp
  const unchanged = (at: ChannelRecord): MovedReport => ({
    outcome: 'unchanged',
    channel: at,
    changes: noChanges,
    milliseconds: context.clock() - begun,
  })
  if (isThere(current)) return unchanged(current!)
  await checkMayEnter(context, reference, channel, release, before, current)
  await checkChannelHolds(context, reference, current, release)
  const changes = await clientChanges(context, current, release)
  checkIdentity(reference, changes, options.allowIdentityChange ?? false)
  // Gates may take minutes, in which others may cut, look and roll back.
  const verdicts = await judgeRelease(context, { train, channel, release, current }, options)
  const counted = await withoutAwaited(context, { release, channel }, verdicts, overrides)
  const passedOver = decide(`${train.name}@${release.timestamp}`, reference, counted, overrides)
  return underTrainLock(context, train.name, async () => {
    const now = await readChannel(context.refs, train.name, channel.name)
    if (isThere(now)) return unchanged(now!)
    checkUnmoved(current, now, reference)
    if (channel.after !== undefined)
      checkUnmoved(before, await readBefore(), { train: train.name, channel: channel.after })
    const moved = await moveChannel(context, now, {
      channel,
      release: await findRelease(context, `${train.name}@${release.timestamp}`),
      kind: 'promotion',
      line: promoted(now, release.timestamp),
      why: options.why,
      overridden: overriddenBy(passedOver, options.why),
      floor,
    })
    if (moved.outcome === 'moved') await auditOverrides(context, moved.record, passedOver)
    return moveReport(current, moved, changes, context.clock() - begun)
  })
}

/** The move's own line says it too; that a gate was overridden shall be found by whoever looks for just that. */
async function auditOverrides(
  context: TrainContext,
  { train, channel, release, history }: ChannelRecord,
  overridden: ReturnType<typeof decide>,
): Promise<void> {
  for (const { label, summary } of overridden)
    await audit(context, {
      verb: 'override',
      subject: `${train}/${channel}: ${label}`,
      why: history.at(-1)!.why,
      detail: { gate: label, release: `${train}@${release}`, summary },
    })
}

export function moveReport(
  before: ChannelRecord | undefined,
  moved: MoveOutcome,
  changes: ClientChanges,
  milliseconds: number,
): MoveReport {
  const facts = { ...(before === undefined ? {} : { from: before.release }), changes, milliseconds }
  return moved.outcome === 'moved'
    ? { outcome: 'moved', channel: moved.record, ...facts }
    : { outcome: 'staged', staged: moved.staged, ...facts }
}

function floorOf({ train }: ChannelReference, asked: string | undefined): Timestamp | undefined {
  if (asked === undefined) return undefined
  const { train: named, at } = parseReleaseReference(asked)
  if (named === train && at !== undefined) return at
  throw new YardError(
    'usage',
    `${asked} is no release of ${train} that could be a floor; nothing was moved`,
    {
      hint: `write ${train}@20261121T070000Z`,
    },
  )
}

function checkTrain({ train }: ReleaseRecord, reference: ChannelReference, asked: string | undefined): void {
  if (asked === undefined || train === reference.train) return
  throw new YardError(
    'usage',
    `${asked} is a release of ${parseReleaseReference(asked).train}, not of ${reference.train}; nothing was moved`,
  )
}
