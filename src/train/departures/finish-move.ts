import {
  type ChannelRecord,
  type ChannelReference,
  nextTimestamp,
  type PlannedMove,
} from '../../model/index.ts'
import { readChannel, readMove, trainRefs, writeRecord } from '../../repository/index.ts'
import { recordAfter } from '../channel-record.ts'
import type { TrainContext } from '../context.ts'
import { auditMove, movesOf } from '../move-channel.ts'
import { findRelease } from '../release-reference.ts'
import { underStoreLock } from '../train-lock.ts'
import { digestOfStatement } from './state-move.ts'

/** The move of a channel that hosts are told of and that has not been made; undefined: there is none. */
export async function moveToFinish(
  context: TrainContext,
  { train, channel }: ChannelReference,
): Promise<PlannedMove | undefined> {
  const move = await readMove(context.refs, train, channel)
  if (move === undefined) return undefined
  const current = await readChannel(context.refs, train, channel)
  if (movesOf(current) !== move.after) return undefined
  const departures = await context.statements.departures(train, channel)
  return departures !== undefined && digestOfStatement(departures) === move.statement ? move : undefined
}

/**
 * Moves a channel whose statement says that it has moved: what is left to do after a crash, or once enough people have signed. The
 * caller holds the train's lock.
 * @returns where it stands now; undefined when nothing is left to do.
 * @throws YardError `not-found` or `damaged` when a snapshot of the release is not here.
 */
export async function finishMove(
  context: TrainContext,
  reference: ChannelReference,
): Promise<ChannelRecord | undefined> {
  const record = await followStatement(context, reference)
  if (record !== undefined) await auditMove(context, record)
  return record
}

/** The same without a line in the audit log. */
export async function followStatement(
  context: TrainContext,
  reference: ChannelReference,
): Promise<ChannelRecord | undefined> {
  const { train, channel } = reference
  const move = await moveToFinish(context, reference)
  if (move === undefined) return undefined
  const current = await readChannel(context.refs, train, channel)
  const declared = context.configuration.trains.get(train)?.channels.get(channel)
  const destination = {
    channel: declared ?? { seal: true, ...context.configuration.latest },
    release: await findRelease(context, `${train}@${move.release}`),
  }
  return underStoreLock(context, `${train}/${channel}`, async () => {
    const moved = nextTimestamp(context.now(), current?.moved)
    const record = await recordAfter(context, current, move, destination, moved)
    await writeRecord(context.refs, trainRefs.channel(train, channel), record)
    return record
  })
}
