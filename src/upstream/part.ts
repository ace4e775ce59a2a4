import type { Digest, Timestamp } from '../model/index.ts'
import type { Validators } from './fetcher.ts'

/** What is remembered of a part between syncs, to ask only for what changed and to notice a stale mirror. */
export interface PartMemory {
  /** Validators by mirror, for the document that everything else hangs on (InRelease or Release; repomd.xml). */
  validators: { [mirror: string]: Validators }
  /** Digest of that document's bytes. */
  document: Digest
  date: Timestamp
  validUntil?: Timestamp
}

/**
 * What an upstream answered for one of its parts, which are asked for by themselves: a suite of an APT archive, a directory
 * with repodata.
 */
export type PartAnswer<Reading extends { memory: PartMemory }> =
  | { kind: 'changed'; reading: Reading }
  | { kind: 'unchanged'; memory: PartMemory }
  /** Every mirror that answered is older than what we hold. */
  | { kind: 'stale'; date: Timestamp; mirror: string }
