import {
  type ByteString,
  type ChannelRecord,
  type ChannelReference,
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
  readRelease,
  reissuedPaths,
} from '../repository/index.ts'
import { lostBumps } from './bump/lost-bumps.ts'
import type { TrainContext } from './context.ts'

/** What a move does to clients beside giving them other packages. */
export interface ClientChanges {
  /** Suites that apt takes for another repository's, and refuses until somebody confirms it on every host. */
  identity: (IdentityChange & { repository: Name })[]
  /** Paths of packages that have other bytes than where the channel stands; the first ones. */
  reissued: { repository: Name; path: ByteString }[]
  reissuedCount: number
  /** What the release lacks of the bump at which the channel stands, one sentence each. */
  lost: string[]
}

export const noChanges: ClientChanges = { identity: [], reissued: [], reissuedCount: 0, lost: [] }

const reissuedKept = 100

/** Compares a release with what a channel serves, repository by repository; costs what differs. */
export async function clientChanges(
  context: TrainContext,
  current: ChannelRecord | undefined,
  release: ReleaseRecord,
): Promise<ClientChanges> {
  const changes: ClientChanges = { identity: [], reissued: [], reissuedCount: 0, lost: [] }
  if (current === undefined) return changes
  const names = Object.keys(release.snapshots) as Name[]
  const found = await Promise.all(
    names.map(repository =>
      changesOfOne(context, current.repositories[repository]?.snapshot, release.snapshots[repository]!),
    ),
  )
  for (const [i, repository] of names.entries()) {
    const { identity, reissued } = found[i]!
    changes.identity.push(...identity.map(change => ({ ...change, repository })))
    const room = reissuedKept - changes.reissued.length
    changes.reissued.push(...reissued.slice(0, room).map(path => ({ repository, path })))
    changes.reissuedCount += reissued.length
  }
  changes.lost.push(...(await lostSince(context, current, release)))
  return changes
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

async function changesOfOne(
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
