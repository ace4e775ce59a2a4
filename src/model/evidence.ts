import type { Json } from './canonical-json.ts'
import type { Digest } from './digest.ts'
import type { Name } from './name.ts'
import type { Timestamp } from './timestamp.ts'

/**
 * What one gate found when it judged one release for one channel. It is signed like the release, and stands beside it; the
 * newest verdict replaces the one before.
 */
export interface EvidenceRecord {
  version: 1
  train: Name
  release: Timestamp
  channel: Name
  gate: string
  /** Which one, of several of that name in the channel's list; from 1. */
  turn: number
  options: Json
  /** The release that the channel was at; undefined: it had never been moved. */
  against?: Timestamp
  /** What else the verdict rests on, as the gate says. */
  inputs: Json
  passed: boolean
  /** One sentence. */
  summary: string
  /** A line each; where there are more than these, the log has all of them. */
  findings: string[]
  findingCount: number
  /** What would make it pass. */
  remedy?: string
  /** The blob with what the gate wrote and found, of so many bytes; undefined when that was nothing. */
  log?: { sha256: Digest; size: number }
  begun: Timestamp
  milliseconds: number
  who: string
}

/** One person's word that a release may enter a channel, or every channel of its train. */
export interface ApprovalRecord {
  version: 1
  train: Name
  release: Timestamp
  /** Of the release's canonical JSON: the word is given for this content and no other. */
  content: Digest
  /** Undefined: for every channel. */
  channel?: Name
  who: string
  at: Timestamp
  why?: string
}
