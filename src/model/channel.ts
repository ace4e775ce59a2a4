import type { ByteString } from './byte-string.ts'
import type { Digest } from './digest.ts'
import type { Name } from './name.ts'
import type { SnapshotName } from './release.ts'
import type { FileEntry } from './snapshot.ts'
import type { Timestamp } from './timestamp.ts'

/**
 * `TRAIN/CHANNEL`: a pointer to a release, with its history. One small file, replaced as a whole: however many
 * repositories travel, they move in one moment.
 */
export interface ChannelRecord {
  version: 1
  train: Name
  channel: Name
  release: Timestamp
  /**
   * When it was sealed: at its last move, or when the yard's keys changed after it. Strictly later than the time before, and
   * the Date of the sealed Release files.
   */
  moved: Timestamp
  /** Fingerprints of the keys that sealed it; absent where nothing is sealed. */
  keys?: string[]
  /** What is served under each repository's name. */
  repositories: { [repository: Name]: ServedRepository }
  /** Releases in the order of their promotions, each the way back of the next. */
  line: Timestamp[]
  /** Where in the line the channel stands. */
  at: number
  /** Every move, oldest first. */
  history: ChannelMove[]
}

export interface ServedRepository {
  snapshot: SnapshotName
  /** Path -> the sealed file that stands in front of the snapshot's own. Empty where upstream's signature is kept. */
  sealed: { [path: ByteString]: FileEntry }
  /** What it served before, newest first, and the moment each was replaced: still answered to clients that began then. */
  recent: { snapshot: SnapshotName; replaced: Timestamp; sealed: { [path: ByteString]: FileEntry } }[]
}

export interface ChannelMove {
  kind: 'promotion' | 'rollback'
  release: Timestamp
  /** Where the channel stood before; undefined at its first promotion. */
  from?: Timestamp
  moved: Timestamp
  who: string
  why?: string
  /** Gates that did not pass and were overridden. */
  overridden?: { gate: string; why: string }[]
}

/**
 * A move that is decided, kept beside its channel until the next one. Once hosts can read the statement that it names, the
 * channel is there or goes there; until then it stays.
 */
export interface PlannedMove extends Omit<ChannelMove, 'from' | 'moved'> {
  version: 1
  train: Name
  channel: Name
  /** Its line of promotions after the move. */
  line: Timestamp[]
  at: number
  /** How often it had been moved before. */
  after: number
  /** When it was decided. */
  planned: Timestamp
  /** SHA-256 of the canonical JSON of the channel's statement. */
  statement: Digest
}
