import type { TrainConfiguration } from '../../config/index.ts'
import {
  type ChannelRecord,
  canonicalJson,
  type Json,
  type Name,
  nextTimestamp,
  type ReleaseRecord,
  type SnapshotRecord,
  YardError,
} from '../../model/index.ts'
import {
  type Chosen,
  chooseTransplant,
  deriveSnapshot,
  diffSnapshots,
  findSnapshot,
  listReleases,
  readChannel,
  type SnapshotDiff,
  type SnapshotPair,
} from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { commitRelease, policyOf } from '../cut-release.ts'
import { declaredChannel, declaredTrain } from '../declared-train.ts'
import { activeHolds } from '../holds/apply-holds.ts'
import { findRelease } from '../release-reference.ts'
import { underTrainLock } from '../train-lock.ts'
import { type BumpedPackage, bumpedPackages, bumpNotes, checkNotHeld } from './bumped-packages.ts'

export interface BumpOptions {
  /** Whose release is changed; default: the channel that the train declares last. */
  channel?: Name | undefined
  why?: string | undefined
  signal?: AbortSignal | undefined
}

export interface BumpReport {
  /** `unchanged`: the channel has nothing older than the newest snapshots, or the same bump was cut before. */
  outcome: 'created' | 'unchanged'
  release: ReleaseRecord
  /** The release that it changes. */
  from: ReleaseRecord
  channel: Name
  packages: BumpedPackage[]
  /** By repository: what the release changes. */
  diffs: { repository: Name; diff: SnapshotDiff }[]
  /** What to know about it, one sentence each. */
  notes: string[]
}

/**
 * Cuts the release of a channel anew but for some packages, which are as the newest snapshots have them: those that were asked
 * for, by name of package or source package or as globs, everything else of their source packages, and what dependencies force.
 * @throws YardError `not-found` for an unknown train, channel or package, and for a channel without a release; `refused` when
 *   one of the packages is held; `busy`; whatever making and fetching snapshots throws. The release of the channel stays.
 */
export async function bump(
  context: TrainContext,
  name: Name,
  patterns: readonly string[],
  options: BumpOptions = {},
): Promise<BumpReport> {
  const begun = context.now()
  const train = declaredTrain(context, name)
  const channel = channelOf(context, train, options.channel)
  return underTrainLock(context, name, async () => {
    const { record: current } = await standing(context, train, channel)
    const from = await findRelease(context, `${name}@${current.release}`)
    const pairs = await pairsOf(context, train, from)
    const signal = options.signal ?? new AbortController().signal
    const chosen = await chooseTransplant(context, pairs, patterns, signal)
    checkMatched(train, chosen)
    checkNotHeld(train.name, chosen, await activeHolds(context, name, channel))
    const derived = await deriveAll(context, train, pairs, chosen, signal)
    const diffs = await diffsOf(context, pairs, derived)
    const packages = bumpedPackages(chosen, diffs)
    const notes = bumpNotes(chosen, diffs)
    const common = { from, channel, packages, diffs, notes }
    const snapshots = Object.fromEntries(
      [...derived].map(([repository, { repository: line, timestamp }]) => [
        repository,
        { repository: line, timestamp },
      ]),
    )
    if (diffs.length === 0) return { outcome: 'unchanged', release: from, ...common }
    const known = await sameBump(context, { from, snapshots, policy: policyOf(train) })
    if (known !== undefined) return { outcome: 'unchanged', release: known, ...common }
    const newest = (await listReleases(context.refs, name)).at(-1)
    const release = await commitRelease(context, {
      version: 1,
      train: name,
      timestamp: nextTimestamp(begun, newest),
      kind: 'bump',
      snapshots,
      from: from.timestamp,
      bumped: [...patterns],
      ...(from.held === undefined ? {} : { held: from.held }),
      policy: policyOf(train),
      who: context.actor.who,
      ...(options.why === undefined ? {} : { why: options.why }),
    })
    return { outcome: 'created', release, ...common }
  })
}

function channelOf(context: TrainContext, train: TrainConfiguration, asked: Name | undefined): Name {
  if (asked !== undefined) return declaredChannel(context, { train: train.name, channel: asked }).channel.name
  const last = [...train.channels.keys()].at(-1)
  if (last !== undefined) return last
  throw new YardError('not-found', `the train ${train.name} has no channel, so there is no release to bump`, {
    hint: 'declare one under its `channels:` in switchyard.yaml',
  })
}

async function standing(
  context: TrainContext,
  train: TrainConfiguration,
  channel: Name,
): Promise<{ record: ChannelRecord }> {
  const record = await readChannel(context.refs, train.name, channel)
  if (record !== undefined) return { record }
  throw new YardError('not-found', `${train.name}/${channel} has no release yet that could be bumped`, {
    hint: `cut one with \`switchyard release ${train.name}\`, or name another channel with --channel`,
  })
}

/** What the channel has of each repository, and the newest of it. */
async function pairsOf(
  context: TrainContext,
  train: TrainConfiguration,
  from: ReleaseRecord,
): Promise<SnapshotPair[]> {
  const pairs: SnapshotPair[] = []
  for (const [repository, { repository: line, timestamp }] of Object.entries(from.snapshots)) {
    const name = repository as Name
    const base = await findSnapshot(context, `${line}@${timestamp}`)
    const source = train.repositories.includes(name) ? await findSnapshot(context, name) : base
    pairs.push({ repository: name, base, source: source.format === base.format ? source : base })
  }
  return pairs
}

function checkMatched(train: TrainConfiguration, { unmatched }: Chosen): void {
  if (unmatched.length === 0) return
  throw new YardError(
    'not-found',
    `no package or source package of ${train.name} is called ${unmatched.join(', ')}; nothing was cut`,
    {
      hint: `look for it with \`switchyard search '*${unmatched[0]!.replace(/[*?[\]!]/g, '')}*'\`; its repositories are ${train.repositories.join(', ')}`,
    },
  )
}

async function deriveAll(
  context: TrainContext,
  train: TrainConfiguration,
  pairs: readonly SnapshotPair[],
  chosen: Chosen,
  signal: AbortSignal,
): Promise<Map<Name, SnapshotRecord>> {
  const derived = new Map<Name, SnapshotRecord>()
  for (const { repository, base, source } of pairs) {
    const derivation = {
      train: train.name,
      repository,
      base,
      source,
      moved: chosen.moved[base.format],
      fetch: train.complete === 'local',
    }
    derived.set(repository, await deriveSnapshot(context, derivation, { signal }))
  }
  return derived
}

async function diffsOf(
  context: TrainContext,
  pairs: readonly SnapshotPair[],
  derived: ReadonlyMap<Name, SnapshotRecord>,
): Promise<BumpReport['diffs']> {
  const diffs: BumpReport['diffs'] = []
  for (const { repository, base } of pairs) {
    const after = derived.get(repository)!
    if (after === base) continue
    // Both are of one repository, whatever their lines are called.
    const diff = await diffSnapshots(context, base, after, { files: false, changelogs: false })
    diffs.push({ repository, diff })
  }
  return diffs
}

/** The same bump may have been cut a moment ago. */
async function sameBump(
  context: TrainContext,
  { from, ...content }: Pick<ReleaseRecord, 'snapshots' | 'policy'> & { from: ReleaseRecord },
): Promise<ReleaseRecord | undefined> {
  const text = (one: Pick<ReleaseRecord, 'snapshots' | 'policy'>) =>
    canonicalJson({ snapshots: one.snapshots, policy: one.policy } as unknown as Json)
  for (const timestamp of (await listReleases(context.refs, from.train)).toReversed()) {
    if (timestamp <= from.timestamp) return undefined
    const release = await findRelease(context, `${from.train}@${timestamp}`)
    if (release.kind === 'bump' && release.from === from.timestamp && text(release) === text(content))
      return release
  }
  return undefined
}
