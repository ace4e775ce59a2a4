import type { Digest } from './digest.ts'
import type { Name } from './name.ts'
import type { SnapshotName } from './release.ts'
import type { Timestamp } from './timestamp.ts'

/** A release of a train that is known, and the SHA-256 of its statement (the canonical JSON of ReleaseStatement). */
export interface NamedRelease {
  release: Timestamp
  digest: Digest
}

/**
 * What a release is, as hosts are told by the yard's builder: target `releases/TRAIN/T.json`. A pure function of the
 * release and its snapshots, so that anybody can make it again; its SHA-256 names the release in every other statement.
 */
export interface ReleaseStatement {
  version: 1
  train: Name
  release: Timestamp
  repositories: { [repository: Name]: ReleasedRepository }
}

export interface ReleasedRepository {
  format: 'apt' | 'dnf'
  snapshot: SnapshotName
  /** Root pages of its trees. */
  files: Digest
  packages: Digest
  /** The files from which a package manager goes on by digests of its own: Release files, repomd.xml. Path -> SHA-256. */
  anchors: { [path: string]: Digest }
}

/**
 * A channel's statement, signed by people's keys: target `channels/TRAIN/CHANNEL.json`. Taking a channel back is a
 * new one, with a higher version of its metadata, that names an older release.
 */
export interface Departures {
  version: 1
  train: Name
  channel: Name
  release: NamedRelease
  /** The security floor: no host goes below this release, whatever else is signed. */
  floor: Timestamp
  /** Releases whose way back was tested: the rollout role may point to these beside `release`, and to nothing else. */
  fallbacks: NamedRelease[]
  /** Halts up to this number bind the channel no more. 0: none was lifted. */
  lifted: number
  moved: Timestamp
}

/** How far a channel's hosts may go, signed online: target `rollouts/TRAIN/CHANNEL.json`. */
export interface RolloutStatement {
  version: 1
  train: Name
  channel: Name
  /** The channel's release, or one of its fall-backs. */
  release: NamedRelease
  /** Of this attempt to bring hosts there; a host that went back from a release takes it again under another one only. */
  attempt: string
  state: RolloutState
  grants: Grant[]
  /** What a host does that cannot get fresh statements: start nothing, or finish what was granted. */
  onStale: 'freeze' | 'continue'
}

/** `idle`: nothing is under way; hosts that missed it may follow. `paused`: nothing starts. */
export const rolloutStates = ['idle', 'running', 'paused'] as const
export type RolloutState = (typeof rolloutStates)[number]

/** A host of the stratum whose rank is below may start. */
export interface Grant {
  /** `''`: every host that no other grant names. */
  stratum: string
  /** 0 to 1,000,000, in millionths of all ranks. */
  below: number
}

/** Ranks go from 0 to one below this. */
export const wholeRank = 1_000_000

/**
 * Stop: an envelope of its own, `halt/NUMBER.json`, outside of the metadata's chain. One signature of a halt key is enough; it
 * outranks grants until a channel's statement lifts it.
 */
export interface Halt {
  version: 1
  /** One more than the highest that its author knew. */
  number: number
  /** `TRAIN/CHANNEL`, `TRAIN`, or nothing: every channel of the yard. */
  scope: string[]
  who: string
  why: string
  at: Timestamp
}

/** Whether a halt speaks of that channel. */
export function haltConcerns({ scope }: Halt, train: Name, channel: Name): boolean {
  return scope.length === 0 || scope.includes(train) || scope.includes(`${train}/${channel}`)
}
