import type { Json } from './canonical-json.ts'
import type { Name } from './name.ts'
import type { Timestamp } from './timestamp.ts'

/** One snapshot by its name, `REPO@T`. */
export interface SnapshotName {
  repository: Name
  timestamp: Timestamp
}

/**
 * One immutable departure of a train, `TRAIN@T`. Its canonical JSON is what the yard's keys sign; it never changes. The
 * evidence that gates leave stands beside it, each piece a record of its own.
 */
export interface ReleaseRecord {
  version: 1
  train: Name
  timestamp: Timestamp
  /** `bump`: another release but for a few packages. */
  kind: 'regular' | 'bump'
  /**
   * By the repositories of the train. Where packages are held or bumped, the snapshot lies in a line of the train's own
   * (`TRAIN.REPO`), made from the repository's snapshots; clients see it under the repository's name all the same.
   */
  snapshots: { [repository: Name]: SnapshotName }
  /** What it was derived from: the train's release before it; of a bump the release that it changes. */
  from?: Timestamp
  /** Of a bump: the names that were asked for. */
  bumped?: string[]
  /** Packages that were kept back in it, with the version at which they stay. */
  held?: HeldPackage[]
  /** The channels and gates of the train as they were declared when it was cut. */
  policy: { [channel: Name]: ChannelPolicy }
  who: string
  why?: string
}

export interface HeldPackage {
  repository: Name
  package: string
  version: string
  hold: string
}

/** What a release must pass to enter a channel. */
export interface ChannelPolicy {
  /** The channel that it must have been in before. */
  after?: Name
  gates: { gate: string; options: Json }[]
}
