import type { Configuration, LockedState } from '../../config/index.ts'
import type {
  ChannelRecord,
  Hold,
  Name,
  ReleaseRecord,
  SnapshotName,
  SnapshotRecord,
  Timestamp,
} from '../../model/index.ts'

/** All that a plan rests on: what is declared, what is locked, and what is. */
export interface PlanState {
  declared: Pick<Configuration, 'repositories' | 'trains'>
  /** Undefined: there is no lock file. */
  lock: LockedState | undefined
  now: Timestamp
  /** How many snapshots there are of every repository that has some, declared or not. */
  snapshotCounts: Map<Name, number>
  /** How many releases there are of every train that has refs, declared or not. */
  releaseCounts: Map<Name, number>
  /** By `TRAIN/CHANNEL`: every channel that has been moved. */
  channels: Map<string, ChannelRecord>
  /** By `TRAIN@T`, of bumps among them: the release that each changes, the one that that one changes, and so on. */
  bumpedFrom: Map<string, Timestamp[]>
  /** By train: what is held, in force or expired. */
  holds: Map<Name, Hold[]>
  /** By `TRAIN@T`: those that channels are on or the lock names, as far as they are here. */
  releases: Map<string, ReleaseRecord>
  /** By `REPO@T`: those that these releases name, as far as they are here. */
  snapshots: Map<string, SnapshotRecord>
  /** By the name of a locked snapshot: one of ours with the same content. */
  standIns: Map<string, SnapshotName>
}
