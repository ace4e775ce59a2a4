import { type Configuration, type LockedState, readConfiguration } from '../../config/index.ts'
import {
  type ChannelMove,
  type ChannelRecord,
  type Digest,
  digestOf,
  type Name,
  type ReleaseRecord,
  type SnapshotName,
  type SnapshotRecord,
  type Timestamp,
} from '../../model/index.ts'
import { type Line, movedTo, promoted } from '../line.ts'
import type { PlanStep } from './plan-item.ts'
import type { PlanState } from './plan-state.ts'

/** The release of the train `web`, and the snapshot `debian@...` in it, of a day of November 2026. */
export const day = (number: number) => `202611${String(number).padStart(2, '0')}T070000Z` as Timestamp
export const now = day(28)

/** A yard with the repository `debian` and the train `web`, whose channels are written as in switchyard.yaml. */
export function declared(channels: string): Configuration {
  return readConfiguration(
    '/etc/yard/switchyard.yaml',
    `repositories:
  debian: { upstream: { format: apt, url: "https://mirror.example.org/debian", suite: stable, components: [main], architectures: [amd64], trusted: true } }
  ours: { uploads: deb }
trains: { web: { repositories: [debian], channels: ${channels} } }\n`,
  )
}

/** The digests of a snapshot's trees. `content`: what it holds; a number is a day's. */
function digestsOf(content: number): { files: Digest; packages: Digest } {
  return {
    files: digestOf(Buffer.from(`files ${content}`)),
    packages: digestOf(Buffer.from(`packages ${content}`)),
  }
}

export function snapshotOf(timestamp: Timestamp, content: number, kind = 'mirror'): SnapshotRecord {
  return { repository: 'debian', timestamp, kind, ...digestsOf(content) } as unknown as SnapshotRecord
}

export function releaseOf(
  timestamp: Timestamp,
  snapshot: Timestamp,
  policy: ReleaseRecord['policy'] = {},
): ReleaseRecord {
  return {
    version: 1,
    train: 'web' as Name,
    timestamp,
    kind: 'regular',
    snapshots: { debian: { repository: 'debian', timestamp: snapshot } } as ReleaseRecord['snapshots'],
    policy,
    who: 'ada',
  }
}

/** A channel after some moves: a day promotes, a negative one rolls back to it. */
export function channelAfter(channel: string, moves: number[]): ChannelRecord {
  let line: Line | undefined
  const history = moves.map((move, i): ChannelMove => {
    const [release, from] = [day(Math.abs(move)), line?.line[line.at]]
    line = move > 0 ? promoted(line, release) : movedTo(line!, release)!
    return {
      kind: move > 0 ? 'promotion' : 'rollback',
      release,
      ...(from === undefined ? {} : { from }),
      moved: day(i + 1),
      who: 'ada',
    }
  })
  const { train, repositories } = { train: 'web' as Name, repositories: {} }
  const release = line!.line[line!.at]!
  return {
    version: 1,
    train,
    channel: channel as Name,
    release,
    moved: day(moves.length),
    repositories,
    ...line!,
    history,
  }
}

/** A lock that pins channels of `web` to days, whose releases hold the snapshots of their days. */
export function lockOf(channels: Record<string, number>): LockedState {
  const days = [...new Set(Object.values(channels))]
  const name = (timestamp: Timestamp): SnapshotName => ({ repository: 'debian' as Name, timestamp })
  return {
    channels: new Map(
      Object.entries(channels).map(([channel, number]) => [
        `web/${channel}`,
        { train: 'web' as Name, channel: channel as Name, release: day(number) },
      ]),
    ),
    releases: new Map(
      days.map(number => [
        `web@${day(number)}`,
        {
          train: 'web' as Name,
          timestamp: day(number),
          snapshots: new Map([['debian' as Name, name(day(number))]]),
        },
      ]),
    ),
    snapshots: new Map(
      days.map(number => [`debian@${day(number)}`, { ...name(day(number)), ...digestsOf(number) }]),
    ),
  }
}

/** A yard in which the releases of these days are here, each of its day's snapshot, and channels stand so. */
export function stateOf(
  configuration: Configuration,
  lock: LockedState | undefined,
  days: number[],
  channels: ChannelRecord[],
): PlanState {
  return {
    declared: configuration,
    lock,
    now,
    snapshotCounts: new Map([
      ['debian' as Name, 1],
      ['ours' as Name, 1],
    ]),
    releaseCounts: new Map([['web' as Name, days.length]]),
    channels: new Map(channels.map(record => [`web/${record.channel}`, record])),
    releases: new Map(days.map(number => [`web@${day(number)}`, releaseOf(day(number), day(number))])),
    snapshots: new Map(days.map(number => [`debian@${day(number)}`, snapshotOf(day(number), number)])),
    standIns: new Map(),
    bumpedFrom: new Map(),
    holds: new Map(),
  }
}

/**
 * What the yard is after a step, under the rules by which promotion and rollback go.
 * @throws Error for a step that they would refuse.
 */
export function taken(state: PlanState, step: PlanStep): PlanState {
  const key = `${step.train}@${step.kind === 'cut' ? step.release : step.to}`
  if (step.kind === 'cut') {
    if (state.releases.has(key)) throw new Error(`${key} is here already`)
    const { timestamp } = step.snapshots['debian' as Name]!
    const { files, packages } = state.lock!.snapshots.get(`debian@${step.release}`)!
    const snapshot = { ...snapshotOf(timestamp, 0), files, packages }
    return {
      ...state,
      releaseCounts: new Map(state.releaseCounts).set(
        step.train,
        (state.releaseCounts.get(step.train) ?? 0) + 1,
      ),
      releases: new Map(state.releases).set(key, releaseOf(step.release, timestamp)),
      snapshots: new Map(state.snapshots).set(`debian@${timestamp}`, snapshot),
    }
  }
  if (!state.releases.has(key)) throw new Error(`${key} is not here`)
  const name = `${step.train}/${step.channel}`
  const current = state.channels.get(name)
  if (current?.release !== step.from || step.from === step.to)
    throw new Error(`${name} is not at ${step.from}`)
  const { after } = state.declared.trains.get(step.train)!.channels.get(step.channel)!
  const before = state.channels.get(`${step.train}/${after}`)
  const been = (record: ChannelRecord | undefined, release: Timestamp) =>
    record?.history.some(move => move.release === release) === true
  const changed = state.bumpedFrom.get(key) ?? []
  const mayEnter =
    been(before, step.to) || changed.some(release => been(before, release) || been(current, release))
  if (step.kind === 'promotion' && after !== undefined && !mayEnter)
    throw new Error(`${key} has not been in ${after}`)
  const line = step.kind === 'promotion' ? promoted(current, step.to) : current && movedTo(current, step.to)
  if (line === undefined) throw new Error(`${key} is not in the line of ${name}`)
  const move: ChannelMove = { kind: step.kind, release: step.to, moved: now, who: 'ada' }
  const record: ChannelRecord = {
    version: 1,
    train: step.train,
    channel: step.channel,
    moved: now,
    repositories: {},
    ...line,
    release: step.to,
    history: [...(current?.history ?? []), move],
  }
  return { ...state, channels: new Map(state.channels).set(name, record) }
}
