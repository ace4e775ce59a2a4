import type { TrainConfiguration } from '../../config/index.ts'
import type { HeldPackage, Hold, Name, ReleaseRecord, SnapshotRecord } from '../../model/index.ts'
import { textOfByteString } from '../../model/index.ts'
import {
  chooseTransplant,
  deriveSnapshot,
  differsIn,
  type OpenNeed,
  readHolds,
  readSnapshot,
  type SnapshotPair,
  versionsOf,
} from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { expiryNotes, isExpired } from './expiry.ts'

export interface WithHolds {
  /** By the repositories of the train, where packages are held the ones that were derived for it. */
  snapshots: Map<Name, SnapshotRecord>
  held: HeldPackage[]
  /** What whoever cuts the release should know, one sentence each. */
  notes: string[]
}

/** What a release is cut from. */
export interface CutFrom {
  wanted: Map<Name, SnapshotRecord>
  /** The regular release before. */
  before: ReleaseRecord | undefined
  /** A channel whose holds it keeps, too, and the release at which that stands. */
  keep: { channel: Name; release: ReleaseRecord } | undefined
  /** Has the files of held packages fetched that are not here. */
  fetch: boolean
}

/**
 * The snapshots of a new release with its train's holds: what is held is as the regular release before has it, and so is what could not
 * be installed without it. What is held in the channel that is kept is as it is there. A first release holds nothing, as there is no
 * version to stay at.
 */
export async function applyHolds(
  context: TrainContext,
  train: TrainConfiguration,
  { wanted, before, keep, fetch }: CutFrom,
): Promise<WithHolds> {
  const holds = await readHolds(context.refs, train.name)
  const active = holds.filter(hold => !isExpired(hold, context.now()))
  const result: WithHolds = {
    snapshots: new Map(wanted),
    held: [],
    notes: expiryNotes(train.name, holds, context.now()),
  }
  for (const [channel, release] of [
    [undefined, before],
    [keep?.channel, keep?.release],
  ] as const) {
    const patterns = active.filter(hold => hold.channel === channel).map(hold => hold.package)
    if (release !== undefined && patterns.length > 0)
      await holdBack(context, train, result, { patterns, release, fetch })
  }
  return result
}

async function holdBack(
  context: TrainContext,
  train: TrainConfiguration,
  { snapshots, held, notes }: WithHolds,
  { patterns, release, fetch }: { patterns: string[]; release: ReleaseRecord; fetch: boolean },
): Promise<void> {
  const pairs = await pairsOf(context, snapshots, release)
  if (!(await differsIn(context, pairs, patterns))) return
  const chosen = await chooseTransplant(context, pairs, patterns, new AbortController().signal)
  notes.push(...gapNotes(chosen.open))
  for (const { repository, base, source } of pairs) {
    const moved = chosen.moved[base.format]
    const derivation = { train: train.name, repository, base, source, moved, fetch }
    const derived = await deriveSnapshot(context, derivation)
    if (derived === base) continue
    // Where nothing else is new the release before says it already.
    snapshots.set(repository, derived.packages === source.packages ? source : derived)
    const versions = await versionsOf(context, base, derived)
    for (const { name, by } of chosen.names) {
      const version = versions.get(name)
      if (version !== undefined)
        held.push({
          repository,
          package: textOfByteString(name),
          version: textOfByteString(version),
          hold: by,
        })
    }
  }
}

/** What is new, and what the release before has of it. */
async function pairsOf(
  context: TrainContext,
  wanted: Map<Name, SnapshotRecord>,
  before: ReleaseRecord | undefined,
): Promise<SnapshotPair[]> {
  const pairs = await Promise.all(
    [...wanted].map(async ([repository, base]) => {
      const named = before?.snapshots[repository]
      const source = named && (await readSnapshot(context.refs, named.repository, named.timestamp))
      return { repository, base, source: source?.format === base.format ? source : base }
    }),
  )
  return pairs
}

function gapNotes(open: readonly OpenNeed[]): string[] {
  return open.map(
    gap =>
      `because of a hold, ${textOfByteString(gap.package)} ${textOfByteString(gap.version)} cannot be installed: nothing satisfies ${textOfByteString(gap.dependency)}`,
  )
}

/** The holds that stand in the way of changing a package in a channel, or in the whole train. */
export async function activeHolds(
  context: TrainContext,
  train: Name,
  channel: Name | undefined,
): Promise<Hold[]> {
  return (await readHolds(context.refs, train)).filter(
    hold => (hold.channel === undefined || hold.channel === channel) && !isExpired(hold, context.now()),
  )
}
