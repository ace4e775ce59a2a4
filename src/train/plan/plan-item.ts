import type { ChannelMove, Digest, Hold, Name, SnapshotName, Timestamp } from '../../model/index.ts'

/** One difference between what is declared, what is locked and what is. */
export type PlanItem = PlanStep | OpenItem | PlanNote

/** What `apply` does, in this order. */
export type PlanStep = CutStep | MoveStep

/** A locked release that is not here, and can be made of snapshots that are. */
export interface CutStep {
  kind: 'cut'
  train: Name
  release: Timestamp
  snapshots: { [repository: Name]: SnapshotName }
  /** Of a bump: the release that it changes. */
  bumpOf?: Timestamp
  why?: string
}

/** A channel that stands elsewhere than the lock says; where it never stood, `from` is undefined. */
export interface MoveStep {
  kind: 'promotion' | 'rollback'
  train: Name
  channel: Name
  from?: Timestamp
  to: Timestamp
  /** What a promotion has to pass. */
  gates: string[]
  /** The rollback by command that this move takes back. */
  undoes?: Pick<ChannelMove, 'moved' | 'who' | 'why'>
}

/** What differs and `apply` cannot change. */
export type OpenItem =
  | { kind: 'never-synced'; repository: Name }
  /** A locked release that is not here, and cannot be made of what is. */
  | { kind: 'missing-snapshots'; train: Name; release: Timestamp; missing: MissingSnapshot[] }
  /** A release here holds something else than the locked one of its name. */
  | { kind: 'different-release'; train: Name; release: Timestamp; repositories: Name[] }
  /** A locked release that is not here, dated later than now. */
  | { kind: 'future-release'; train: Name; release: Timestamp }
  /** A release in use whose snapshots are not all here any more. */
  | { kind: 'lost-snapshots'; train: Name; release: Timestamp; snapshots: SnapshotName[] }
  /** A channel may not get its locked release before another one had it. */
  | { kind: 'not-before'; train: Name; channel: Name; release: Timestamp; after: Name }
  /** A channel of which the lock says nothing. */
  | { kind: 'unlocked-channel'; train: Name; channel: Name; release: Timestamp }

export interface MissingSnapshot {
  /** Of the train. */
  repository: Name
  /** As the lock calls it, with the digests of its trees. */
  snapshot: SnapshotName
  files: Digest
  packages: Digest
  /** How many snapshots there are here, all of them with other content. */
  snapshotCount: number
}

/** What is worth knowing and leaves nothing to do. */
export type PlanNote =
  | { kind: 'no-lock' }
  | { kind: 'undeclared-repository'; repository: Name; snapshotCount: number }
  | { kind: 'undeclared-train'; train: Name }
  | { kind: 'undeclared-channel'; train: Name; channel: Name; release: Timestamp }
  | { kind: 'not-released'; train: Name }
  | { kind: 'not-moved'; train: Name; channel: Name }
  | { kind: 'expired-hold'; train: Name; hold: Hold }
  /** The gates of a channel are other ones than when the release that it is on was cut. */
  | {
      kind: 'gates-changed'
      train: Name
      channel: Name
      release: Timestamp
      added: string[]
      removed: string[]
    }

const steps: ReadonlySet<PlanItem['kind']> = new Set<PlanStep['kind']>(['cut', 'promotion', 'rollback'])
const open: ReadonlySet<PlanItem['kind']> = new Set<OpenItem['kind']>([
  'never-synced',
  'missing-snapshots',
  'different-release',
  'future-release',
  'lost-snapshots',
  'not-before',
  'unlocked-channel',
])

export function isStep(item: PlanItem): item is PlanStep {
  return steps.has(item.kind)
}

export function isOpen(item: PlanItem): item is OpenItem {
  return open.has(item.kind)
}
