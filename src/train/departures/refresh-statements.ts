import {
  type ChannelReference,
  isYardError,
  messageOf,
  type Name,
  type Timestamp,
  YardError,
} from '../../model/index.ts'
import { listChannels, listMoves, listReleases, listTrains, readChannel } from '../../repository/index.ts'
import type { Edits } from '../../trust/index.ts'
import { roleOf, targetOf } from '../../trust/pure.ts'
import type { TrainContext } from '../context.ts'
import { findRelease } from '../release-reference.ts'
import { underTrainLock } from '../train-lock.ts'
import { finishMove } from './finish-move.ts'
import { stagedOf } from './peoples-channel.ts'
import { stateMove } from './state-move.ts'

/**
 * Brings what hosts are told up to date: channels of which they are told nothing, or something else than the channel serves; releases
 * that are gone; and whatever is past half of its life is signed again. A yard none of whose channels was ever moved has nothing
 * to tell. One train's failure keeps no other from it.
 * @param options.all signs everything again, as after a backup was restored.
 * @throws YardError with the code of the first that failed, naming each.
 */
export async function refreshStatements(
  context: TrainContext,
  options: { all?: boolean } = {},
): Promise<void> {
  const trains: Name[] = []
  for (const train of await listTrains(context.refs))
    if ((await listChannels(context.refs, train)).length > 0) trains.push(train)
  if (trains.length === 0 && (await context.statements.published()) === undefined) return
  const failures: unknown[] = []
  for (const train of trains)
    await underTrainLock(context, train, () => bringUpToDate(context, train)).catch(error =>
      failures.push(error),
    )
  await context.statements.refresh(options).catch(error => failures.push(error))
  for (const train of trains)
    await underTrainLock(context, train, () => finishMoves(context, train)).catch(error =>
      failures.push(error),
    )
  const [first] = failures
  if (first === undefined) return
  throw new YardError(
    isYardError(first) ? first.code : 'internal',
    `not all that hosts are told is up to date: ${failures.map(messageOf).join('; ')}`,
    { ...(isYardError(first) && first.hint !== undefined ? { hint: first.hint } : {}), cause: first },
  )
}

async function bringUpToDate(context: TrainContext, train: Name): Promise<void> {
  const edits: Required<Pick<Edits, 'releases' | 'departures' | 'rollouts' | 'forgotten'>> = {
    releases: [],
    departures: [],
    rollouts: [],
    forgotten: [],
  }
  await finishMoves(context, train)
  const state = await context.statements.state()
  for (const channel of await listChannels(context.refs, train)) {
    if (stagedOf(state, { train, channel }) !== undefined) continue
    const stated = await restated(context, { train, channel })
    edits.releases = [...edits.releases, ...(stated?.releases ?? [])]
    edits.departures = [...edits.departures, ...(stated?.departures ?? [])]
    edits.rollouts = [...edits.rollouts, ...(stated?.rollouts ?? [])]
  }
  // Once all channels say where they stand: what one of them names stays.
  if (edits.departures.length === 0) edits.forgotten = await forgotten(context, train)
  if (edits.departures.length + edits.forgotten.length > 0) await context.statements.publish(edits)
}

/** What a channel's hosts are to be told; undefined when they are. */
async function restated(context: TrainContext, reference: ChannelReference): Promise<Edits | undefined> {
  const { train, channel } = reference
  const record = await readChannel(context.refs, train, channel)
  const before = await context.statements.departures(train, channel)
  if (record === undefined || before?.release.release === record.release) return undefined
  const release = await findRelease(context, `${train}@${record.release}`)
  const { moved } = record.history.at(-1)!
  return (await stateMove(context, reference, release, { moved, floor: undefined })).edits
}

/** The releases of which hosts were told that are not here any more, and that no channel names. */
async function forgotten(context: TrainContext, train: Name): Promise<{ train: Name; release: Timestamp }[]> {
  const published = await context.statements.published()
  const told = Object.keys((await published?.role(roleOf.releases(train)))?.signed.targets ?? {})
  const kept = new Set(await listReleases(context.refs, train))
  for (const { name } of published?.targets?.signed.delegations?.roles ?? []) {
    const [kind, of, channel] = name.split('_') as [string, Name, Name]
    if (kind !== 'channel' || of !== train) continue
    const departures = await context.statements.departures(train, channel)
    for (const { release } of departures === undefined ? [] : [departures.release, ...departures.fallbacks])
      kept.add(release)
  }
  const paths = new Set([...kept].map(release => targetOf.release(train, release)))
  return told
    .filter(path => !paths.has(path))
    .map(path => ({ train, release: path.slice(path.lastIndexOf('/') + 1, -'.json'.length) as Timestamp }))
}

async function finishMoves(context: TrainContext, train: Name): Promise<void> {
  for (const channel of await listMoves(context.refs, train)) await finishMove(context, { train, channel })
}
