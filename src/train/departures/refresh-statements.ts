import {
  type ChannelRecord,
  type ChannelReference,
  isYardError,
  messageOf,
  type Name,
  type Timestamp,
  YardError,
} from '../../model/index.ts'
import { listChannels, listMoves, listReleases, listTrains, readChannel } from '../../repository/index.ts'
import { readRole, roleOf, targetOf } from '../../trust/pure.ts'
import type { TrainContext } from '../context.ts'
import { findRelease } from '../release-reference.ts'
import { underTrainLock } from '../train-lock.ts'
import { finishMove, moveToFinish } from './finish-move.ts'
import { stagedOf } from './peoples-channel.ts'
import { stateMove } from './state-move.ts'

/**
 * Brings what hosts are told up to date: channels of which they are told nothing, or something else than the channel serves; releases
 * that are gone; and whatever is past half of its life is signed again. A yard none of whose channels was ever moved has nothing
 * to tell. One channel's failure keeps no other from it, and no lock is taken where nothing is to be done.
 * @param options.all signs everything again, as after a backup was restored.
 * @throws YardError with the code of the first that failed, naming each.
 */
export async function refreshStatements(
  context: TrainContext,
  options: { all?: boolean } = {},
): Promise<void> {
  const channels = await everyChannel(context)
  if (channels.length === 0 && (await context.statements.published()) === undefined) return
  const failures: unknown[] = []
  const attempt = (work: () => Promise<unknown>) => work().catch(error => failures.push(error))
  for (const channel of channels) await attempt(() => refreshChannel(context, channel))
  for (const train of new Set(channels.map(({ train }) => train))) await attempt(() => forget(context, train))
  await attempt(() => context.statements.refresh(options))
  // A change that waited may have been published now.
  for (const channel of channels) await attempt(() => finish(context, channel))
  const [first] = failures
  if (first === undefined) return
  throw new YardError(
    isYardError(first) ? first.code : 'internal',
    `not all that hosts are told is up to date: ${failures.map(messageOf).join('; ')}`,
    { ...(isYardError(first) && first.hint !== undefined ? { hint: first.hint } : {}), cause: first },
  )
}

/** Of which anything was ever decided. */
async function everyChannel({ refs }: TrainContext): Promise<ChannelReference[]> {
  const found: ChannelReference[] = []
  for (const train of await listTrains(refs)) {
    const names = new Set([...(await listChannels(refs, train)), ...(await listMoves(refs, train))])
    found.push(...[...names].map(channel => ({ train, channel })))
  }
  return found
}

async function refreshChannel(context: TrainContext, reference: ChannelReference): Promise<void> {
  await finish(context, reference)
  if ((await toldOtherwise(context, reference)) === undefined) return
  await underTrainLock(context, reference.train, async () => {
    const record = await toldOtherwise(context, reference)
    if (record === undefined) return
    const release = await findRelease(context, `${record.train}@${record.release}`)
    const { moved } = record.history.at(-1)!
    const { edits } = await stateMove(context, reference, release, { moved, floor: undefined })
    await context.statements.publish(edits)
  })
}

async function finish(context: TrainContext, reference: ChannelReference): Promise<void> {
  if ((await moveToFinish(context, reference)) !== undefined)
    await underTrainLock(context, reference.train, () => finishMove(context, reference))
}

/** A channel whose hosts are told something else than where it stands, or nothing, and of which no statement waits for signatures. */
async function toldOtherwise(
  { refs, statements }: TrainContext,
  { train, channel }: ChannelReference,
): Promise<ChannelRecord | undefined> {
  const record = await readChannel(refs, train, channel)
  const told = (await statements.departures(train, channel))?.release.release
  if (record === undefined || told === record.release) return undefined
  return stagedOf(await statements.state(), { train, channel }) === undefined ? record : undefined
}

/** Hosts are told no more of releases that are not here and that no channel names. */
async function forget(context: TrainContext, train: Name): Promise<void> {
  if ((await forgotten(context, train)).length === 0) return
  await underTrainLock(context, train, async () => {
    await context.statements.publish({ forgotten: await forgotten(context, train) })
  })
}

/** The releases of which hosts were told that are not here any more, and that no channel names. */
async function forgotten(context: TrainContext, train: Name): Promise<{ train: Name; release: Timestamp }[]> {
  const published = await context.statements.published()
  const told = Object.keys((await published?.role(roleOf.releases(train)))?.signed.targets ?? {})
  const kept = new Set(await listReleases(context.refs, train))
  for (const { name } of published?.targets?.signed.delegations?.roles ?? []) {
    const role = readRole(name)
    if (role?.kind !== 'channel' || role.train !== train) continue
    const departures = await context.statements.departures(train, role.channel)
    for (const { release } of departures === undefined ? [] : [departures.release, ...departures.fallbacks])
      kept.add(release)
  }
  const paths = new Set([...kept].map(release => targetOf.release(train, release)))
  return told
    .filter(path => !paths.has(path))
    .map(path => ({ train, release: path.slice(path.lastIndexOf('/') + 1, -'.json'.length) as Timestamp }))
}
