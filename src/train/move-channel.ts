import type { ChannelConfiguration } from '../config/index.ts'
import {
  type ChannelMove,
  type ChannelRecord,
  messageOf,
  nextTimestamp,
  type PlannedMove,
  type ReleaseRecord,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import { readMove, trainRefs, writeRecord } from '../repository/index.ts'
import { audit } from './audit.ts'
import { lineOfMove } from './audit-lines.ts'
import { recordAfter } from './channel-record.ts'
import type { TrainContext } from './context.ts'
import { type StagedMove, waitsOf } from './departures/peoples-channel.ts'
import { digestOfStatement, stateMove } from './departures/state-move.ts'
import type { Line } from './line.ts'
import { underStoreLock } from './train-lock.ts'

export interface Move {
  channel: ChannelConfiguration
  release: ReleaseRecord
  kind: ChannelMove['kind']
  line: Line
  why?: string | undefined
  overridden?: ChannelMove['overridden']
  /** The security floor of the channel's hosts from now on; undefined: as before. */
  floor?: Timestamp | undefined
}

/** It has moved, or waits until enough people have signed its statement. */
export type MoveOutcome =
  | { outcome: 'moved'; record: ChannelRecord }
  | { outcome: 'staged'; staged: StagedMove }

/**
 * Points a channel at a release, and says so to hosts. Every repository is sealed; then the channel's statement is published and
 * its ref replaced: clients see all of it or nothing. Where the keys at hand do not suffice for the statement, it is staged, and the
 * channel stays until enough people have signed. A crash between statement and ref, or before the audit log has its line, is made
 * good when the catalog is opened next. The caller holds the train's lock.
 * @param current where the channel stands; undefined: it has never been moved.
 * @throws YardError `not-found` or `damaged` when a snapshot of the release is not here; `refused` and `usage` as `stateMove` does;
 *   `partial` when hosts are told and clients are not yet. In all other cases the channel stays, and so do its statements.
 */
export async function moveChannel(
  context: TrainContext,
  current: ChannelRecord | undefined,
  move: Move,
): Promise<MoveOutcome> {
  const { release, channel } = move
  const { train } = release
  const name = `${train}/${channel.name}`
  const now = nextTimestamp(context.now(), current?.moved)
  const waiting = await sameMove(context, current, move)
  const { departures, edits } = await stateMove(context, { train, channel: channel.name }, release, {
    moved: waiting?.planned ?? now,
    floor: move.floor,
  })
  const planned = plannedMove(context, current, move, {
    planned: departures.moved,
    statement: digestOfStatement(departures),
  })
  const outcome = await underStoreLock(context, name, async (): Promise<MoveOutcome> => {
    const [record] = await Promise.all([
      recordAfter(context, current, planned, move, now),
      writeRecord(context.refs, trainRefs.move(train, channel.name), planned),
    ])
    const { staged } = await context.statements.publish(edits)
    if (staged !== undefined) return { outcome: 'staged', staged: await describe(context, planned, staged) }
    await writeRecord(context.refs, trainRefs.channel(train, channel.name), record).catch(cause => {
      throw new YardError(
        'partial',
        `hosts of ${name} are told to go to ${train}@${release.timestamp}, but what it serves could not be moved: ${messageOf(cause)}`,
        { hint: 'it follows with the next command on this yard, once that is mended', cause },
      )
    })
    return { outcome: 'moved', record }
  })
  if (outcome.outcome === 'moved') await auditMove(context, outcome.record)
  return outcome
}

async function describe(
  { statements }: TrainContext,
  { train, channel, release }: PlannedMove,
  id: number,
): Promise<StagedMove> {
  const change = (await statements.state()).staged.find(one => one.id === id)
  return { train, channel, release, id, waits: change === undefined ? [] : waitsOf(change) }
}

/** The last move of a channel, in the log on behalf of whoever decided it. */
export async function auditMove(context: TrainContext, record: ChannelRecord): Promise<void> {
  const move = record.history.at(-1)!
  const actor = { ...context.actor, who: move.who }
  await audit({ ...context, actor }, lineOfMove(record, move))
}

/** The same move, decided before and not made since: whoever has signed it has not signed in vain. */
async function sameMove(
  context: TrainContext,
  current: ChannelRecord | undefined,
  { release, channel, kind, line }: Move,
): Promise<PlannedMove | undefined> {
  const before = await readMove(context.refs, release.train, channel.name)
  const isSame =
    before?.after === movesOf(current) &&
    before.release === release.timestamp &&
    before.kind === kind &&
    before.at === line.at
  return isSame ? before : undefined
}

function plannedMove(
  { actor }: TrainContext,
  current: ChannelRecord | undefined,
  { release, channel, kind, line, why, overridden }: Move,
  stated: Pick<PlannedMove, 'planned' | 'statement'>,
): PlannedMove {
  return {
    version: 1,
    train: release.train,
    channel: channel.name,
    release: release.timestamp,
    kind,
    ...line,
    after: movesOf(current),
    ...stated,
    who: actor.who,
    ...(why === undefined ? {} : { why }),
    ...(overridden === undefined || overridden.length === 0 ? {} : { overridden }),
  }
}

/** How often a channel has been moved. */
export function movesOf(record: ChannelRecord | undefined): number {
  return record?.history.length ?? 0
}
