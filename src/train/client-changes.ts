import {
  type ByteString,
  type ChannelRecord,
  type ChannelReference,
  isYardError,
  type Name,
  type ReleaseRecord,
  type SnapshotName,
  type SnapshotRecord,
  textOfByteString,
  YardError,
} from '../model/index.ts'
import {
  findSnapshot,
  type IdentityChange,
  identityChanges,
  listChannels,
  type ReleaseComparison,
  readChannel,
  readComparison,
  readRelease,
  reissuedPaths,
  writeComparison,
} from '../repository/index.ts'
import { lostBumps } from './bump/lost-bumps.ts'
import type { TrainContext } from './context.ts'

/**
 * What a move does to clients beside giving them other packages. `identity`: suites that apt takes for another repository's, and
 * refuses until somebody confirms it on every host. `reissued`: paths whose bytes change.
 */
export interface ClientChanges extends Omit<ReleaseComparison, 'version'> {
  /** What the release lacks of the bump at which the channel stands, one sentence each. */
  lost: string[]
}

type Compared = Omit<ClientChanges, 'lost'>

export const noChanges: ClientChanges = { identity: [], reissued: [], reissuedCount: 0, lost: [] }

/** A release that every client takes for another one's may have any number of them. */
const reissuedKept = 100

/**
 * What taking a channel to a release does to its clients. Telling it costs what differs between the trees of files; it is told
 * when a release is cut, for where the channels stand then, and only once for any two releases.
 */
export async function clientChanges(
  context: TrainContext,
  current: ChannelRecord | undefined,
  release: ReleaseRecord,
): Promise<ClientChanges> {
  if (current === undefined || current.release === release.timestamp) return noChanges
  const { identity, reissued, reissuedCount } = await compared(context, current, release)
  return { identity, reissued, reissuedCount, lost: await lostSince(context, current, release) }
}

async function lostSince(
  context: TrainContext,
  { train, release: at }: ChannelRecord,
  release: ReleaseRecord,
): Promise<string[]> {
  const now = (await readRelease(context.refs, train, at))?.record
  if (now?.kind !== 'bump') return []
  const snapshots = new Map<Name, SnapshotRecord>()
  for (const [repository, { repository: line, timestamp }] of Object.entries(release.snapshots))
    snapshots.set(repository as Name, await findSnapshot(context, `${line}@${timestamp}`))
  return lostBumps(context, now, snapshots)
}

async function compared(
  context: TrainContext,
  current: ChannelRecord,
  release: ReleaseRecord,
): Promise<Compared> {
  const { train } = release
  const isForward = current.release < release.timestamp
  const [older, newer] = [current.release, release.timestamp].sort() as [
    ReleaseRecord['timestamp'],
    ReleaseRecord['timestamp'],
  ]
  let told = await readComparison(context.refs, train, older, newer)
  if (told === undefined) {
    const changes = await compare(context, servedBy(current), release.snapshots)
    told = { version: 1, ...changes, identity: isForward ? changes.identity : reversed(changes.identity) }
    await writeComparison(context.refs, train, older, newer, told)
  }
  return isForward ? told : { ...told, identity: reversed(told.identity) }
}

/** Tells it of a new release for every channel of its train, so that no promotion has to wait for it. What fails, fails there. */
export async function foretellChanges(context: TrainContext, release: ReleaseRecord): Promise<void> {
  try {
    for (const channel of await listChannels(context.refs, release.train)) {
      const current = await readChannel(context.refs, release.train, channel)
      if (current !== undefined && current.release !== release.timestamp)
        await compared(context, current, release)
    }
  } catch (error) {
    if (!isYardError(error)) throw error
  }
}

function servedBy({ repositories }: ChannelRecord): ReleaseRecord['snapshots'] {
  return Object.fromEntries(
    Object.entries(repositories).map(([name, { snapshot }]): [Name, SnapshotName] => [
      name as Name,
      snapshot,
    ]),
  )
}

function reversed<C extends IdentityChange>(identity: C[]): C[] {
  return identity.map(change => ({ ...change, from: change.to, to: change.from }))
}

async function compare(
  context: TrainContext,
  from: ReleaseRecord['snapshots'],
  to: ReleaseRecord['snapshots'],
): Promise<Compared> {
  const changes: Compared = { identity: [], reissued: [], reissuedCount: 0 }
  for (const [name, snapshot] of Object.entries(to)) {
    const repository = name as Name
    const { identity, reissued } = await compareOne(context, from[repository], snapshot)
    changes.identity.push(...identity.map(change => ({ ...change, repository })))
    const room = reissuedKept - changes.reissued.length
    changes.reissued.push(...reissued.slice(0, room).map(path => ({ repository, path })))
    changes.reissuedCount += reissued.length
  }
  return changes
}

async function compareOne(
  context: TrainContext,
  from: SnapshotName | undefined,
  to: SnapshotName,
): Promise<{ identity: IdentityChange[]; reissued: ByteString[] }> {
  const isSame = from?.repository === to.repository && from.timestamp === to.timestamp
  if (from === undefined || isSame) return { identity: [], reissued: [] }
  const [before, after] = await Promise.all(
    [from, to].map(({ repository, timestamp }) => findSnapshot(context, `${repository}@${timestamp}`)),
  )
  const isApt = before!.format === 'apt' && after!.format === 'apt'
  return {
    identity: isApt ? await identityChanges(context, before!, after!) : [],
    reissued: await reissuedPaths(context, before!, after!),
  }
}

/** @throws YardError `refused` when apt would meet another identity, unless that is allowed. */
export function checkIdentity(
  { train, channel }: ChannelReference,
  { identity }: ClientChanges,
  isAllowed: boolean,
): void {
  const [first, ...others] = identity
  if (first === undefined || isAllowed) return
  const more =
    others.length === 0
      ? ''
      : `, and ${others.length} more such ${others.length === 1 ? 'change' : 'changes'}`
  throw new YardError(
    'refused',
    `${first.repository} ${textOfByteString(first.suite)}: its ${first.field} would change from ${JSON.stringify(first.from)} to ${JSON.stringify(first.to)}${more}, and every apt that follows ${train}/${channel} would refuse it; nothing was moved`,
    {
      hint: 'with --allow-identity-change it moves; then every host must confirm it: `apt-get update --allow-releaseinfo-change`',
    },
  )
}
