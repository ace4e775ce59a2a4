import type { LockedRelease, LockedState, TrainConfiguration } from '../../config/index.ts'
import {
  canonicalJson,
  type Json,
  millisecondsOf,
  type Name,
  type SnapshotName,
  type Timestamp,
} from '../../model/index.ts'
import { policyOf } from '../cut-release.ts'
import { isExpired } from '../holds/expiry.ts'
import type { CutStep, MissingSnapshot, OpenItem, PlanItem, PlanNote } from './plan-item.ts'
import { planMoves } from './plan-moves.ts'
import type { PlanState } from './plan-state.ts'
import { differingRepositories, snapshotKey } from './same-content.ts'

/**
 * What differs between what is declared, what is locked and what is: steps in the order in which they can be taken, what no
 * step can change, and notes. Pure; once its steps have been taken the next plan has none.
 */
export function plan(state: PlanState): PlanItem[] {
  const trains = [...state.declared.trains.values()]
  return [
    ...(state.lock === undefined && state.channels.size > 0 ? [{ kind: 'no-lock' } as const] : []),
    ...repositoryItems(state),
    ...trains.flatMap(train => trainItems(state, train)),
    ...undeclaredTrains(state),
    ...expiredHolds(state),
  ]
}

function repositoryItems({ declared, snapshotCounts }: PlanState): PlanItem[] {
  const { repositories, trains } = declared
  const isOfTrain = (line: Name) =>
    [...trains.values()].some(train => train.repositories.some(name => line === `${train.name}.${name}`))
  return [
    ...[...repositories.keys()]
      .filter(repository => !snapshotCounts.has(repository))
      .map(repository => ({ kind: 'never-synced', repository }) as const),
    ...[...snapshotCounts]
      .filter(([repository]) => !repositories.has(repository) && !isOfTrain(repository))
      .map(([repository, snapshotCount]) => ({
        kind: 'undeclared-repository' as const,
        repository,
        snapshotCount,
      })),
  ]
}

function undeclaredTrains({ declared, releaseCounts }: PlanState): PlanNote[] {
  return [...releaseCounts.keys()]
    .filter(train => !declared.trains.has(train))
    .map(train => ({ kind: 'undeclared-train', train }))
}

function expiredHolds({ holds, now }: PlanState): PlanNote[] {
  return [...holds].flatMap(([train, held]) =>
    held
      .filter(hold => isExpired(hold, millisecondsOf(now)))
      .map(hold => ({ kind: 'expired-hold' as const, train, hold })),
  )
}

function trainItems(state: PlanState, train: TrainConfiguration): PlanItem[] {
  const { lock, releaseCounts } = state
  const locked = new Map(
    [...(lock?.channels.values() ?? [])]
      .filter(channel => channel.train === train.name)
      .map(({ channel, release }) => [channel, release]),
  )
  const records = recordsOf(state, train.name)
  const inUse = new Set([...[...records.values()].map(({ release }) => release), ...locked.values()])
  const found = [...inUse].sort().flatMap(release => releaseItems(state, train.name, release))
  const barred = new Set(
    found.flatMap(item => ('release' in item && item.kind !== 'cut' ? [item.release] : [])),
  )
  const targets = new Map([...locked].filter(([, release]) => !barred.has(release)))
  const isReleased = (releaseCounts.get(train.name) ?? 0) > 0 || found.some(({ kind }) => kind === 'cut')
  return [
    ...(isReleased ? [] : [{ kind: 'not-released', train: train.name } as const]),
    ...found,
    ...planMoves(train, records, targets, release => bumpedFrom(state, `${train.name}@${release}`)),
    ...channelItems(state, train, locked),
  ]
}

/** The releases that a bump changes; of one that is not here yet the nearest one. */
function bumpedFrom(state: PlanState, name: string): Timestamp[] {
  const locked = state.lock?.releases.get(name)?.bumpOf
  return state.bumpedFrom.get(name) ?? (locked === undefined ? [] : [locked])
}

function recordsOf({ channels }: PlanState, train: Name) {
  const ofTrain = [...channels.values()].filter(record => record.train === train)
  return new Map(ofTrain.map(record => [record.channel, record]))
}

/** What is to be done about a release that a channel is on, or shall be on. */
function releaseItems(
  state: PlanState,
  train: Name,
  release: Timestamp,
): (CutStep | (OpenItem & { release: Timestamp }))[] {
  const name = `${train}@${release}`
  const ours = state.releases.get(name)
  const locked = state.lock?.releases.get(name)
  if (ours === undefined) return locked === undefined ? [] : [missingRelease(state, state.lock!, locked)]
  const lost = Object.values(ours.snapshots).filter(
    (snapshot: SnapshotName) => !state.snapshots.has(snapshotKey(snapshot)),
  )
  const repositories =
    locked === undefined ? [] : differingRepositories(ours, locked, state.lock!, state.snapshots)
  return [
    ...(lost.length === 0 ? [] : [{ kind: 'lost-snapshots' as const, train, release, snapshots: lost }]),
    ...(repositories.length === 0
      ? []
      : [{ kind: 'different-release' as const, train, release, repositories }]),
  ]
}

function missingRelease(
  { standIns, snapshotCounts, now }: PlanState,
  lock: LockedState,
  locked: LockedRelease,
): CutStep | (OpenItem & { release: Timestamp }) {
  const { train, timestamp: release, bumpOf, why } = locked
  if (release > now) return { kind: 'future-release', train, release }
  const missing: MissingSnapshot[] = []
  const snapshots: CutStep['snapshots'] = {}
  for (const [repository, name] of locked.snapshots) {
    const snapshot = lock.snapshots.get(snapshotKey(name))!
    const standIn = standIns.get(snapshotKey(name))
    if (standIn !== undefined) snapshots[repository] = standIn
    else
      missing.push({
        repository,
        snapshot: { repository: name.repository, timestamp: name.timestamp },
        files: snapshot.files,
        packages: snapshot.packages,
        snapshotCount: snapshotCounts.get(name.repository) ?? 0,
      })
  }
  if (missing.length > 0) return { kind: 'missing-snapshots', train, release, missing }
  return {
    kind: 'cut',
    train,
    release,
    snapshots,
    ...(bumpOf === undefined ? {} : { bumpOf }),
    ...(why === undefined ? {} : { why }),
  }
}

function channelItems(
  state: PlanState,
  train: TrainConfiguration,
  locked: ReadonlyMap<Name, Timestamp>,
): PlanItem[] {
  const records = recordsOf(state, train.name)
  const declared = [...train.channels.keys()].flatMap((channel): PlanItem[] => {
    const release = records.get(channel)?.release
    const of = { train: train.name, channel }
    if (release === undefined) return locked.has(channel) ? [] : [{ kind: 'not-moved', ...of }]
    return [
      ...(state.lock === undefined || locked.has(channel)
        ? []
        : [{ kind: 'unlocked-channel' as const, ...of, release }]),
      ...changedGates(state, train, channel, release),
    ]
  })
  const undeclared = [...records.values()]
    .filter(({ channel }) => !train.channels.has(channel))
    .map(({ channel, release }) => ({
      kind: 'undeclared-channel' as const,
      train: train.name,
      channel,
      release,
    }))
  return [...declared, ...undeclared]
}

function changedGates(
  state: PlanState,
  train: TrainConfiguration,
  channel: Name,
  release: Timestamp,
): PlanNote[] {
  const ours = state.releases.get(`${train.name}@${release}`)
  if (ours === undefined) return []
  const textOf = (gate: { gate: string; options: unknown }) => canonicalJson(gate as Json)
  const [then, now] = [ours.policy[channel]?.gates ?? [], policyOf(train)[channel]!.gates]
  const [textsThen, textsNow] = [then.map(textOf), now.map(textOf)]
  const added = now.filter(gate => !textsThen.includes(textOf(gate))).map(({ gate }) => gate)
  const removed = then.filter(gate => !textsNow.includes(textOf(gate))).map(({ gate }) => gate)
  if (added.length + removed.length === 0) return []
  return [{ kind: 'gates-changed', train: train.name, channel, release, added, removed }]
}
