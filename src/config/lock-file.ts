import type { Digest, Name, SnapshotName, Timestamp } from '../model/index.ts'

/**
 * `switchyard.lock.yaml`: which release every channel is on, what each of these releases is made of, and what each of those
 * snapshots holds, so that another yard can prove that its own is the same.
 */
export interface LockedState {
  /** By `TRAIN/CHANNEL`. */
  channels: Map<string, LockedChannel>
  /** By `TRAIN@T`: every release that a channel names. */
  releases: Map<string, LockedRelease>
  /** By `REPO@T`: every snapshot that a release names. */
  snapshots: Map<string, LockedSnapshot>
}

export interface LockedChannel {
  train: Name
  channel: Name
  release: Timestamp
}

export interface LockedRelease {
  train: Name
  timestamp: Timestamp
  /** By the repositories of the train. */
  snapshots: Map<Name, SnapshotName>
  /** Of a bump: the release of the train that it changes. */
  bumpOf?: Timestamp
  why?: string
}

export interface LockedSnapshot extends SnapshotName {
  files: Digest
  packages: Digest
}
