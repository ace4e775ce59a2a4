import { canonicalJson, type Json } from './canonical-json.ts'
import { type Digest, digestOf } from './digest.ts'
import type { Timestamp } from './timestamp.ts'

/** Who changes something, by which verb, and why. */
export type AuditCause = Pick<AuditDraft, 'verb' | 'who' | 'via' | 'why'>

/** What a mutation leaves behind, before the log numbers it. */
export interface AuditDraft {
  /** `promote`, `sync`, ... as on the command line. */
  verb: string
  /** What it was done to: `web/production`, `debian@20261121T064500Z`. */
  subject: string
  /** The name of a person or token. */
  who: string
  /** How it was asked for; `recovery`: it was found done after a crash, and how it was asked for is not known any more. */
  via: 'command line' | 'api' | 'schedule' | 'recovery'
  why?: string
  /** What came of it: enough to tell what was there before and after. */
  detail: Json
}

/** One line of the audit log. Each holds the digest of the one before, so that none can be changed or taken out unseen. */
export interface AuditEntry extends AuditDraft {
  /** From 1, without gaps. */
  number: number
  at: Timestamp
  /** Digest of the entry before; of the first one `beginningOfLog`. */
  previous: Digest
  digest: Digest
}

/** What the first entry of a log follows. */
export const beginningOfLog: Digest = digestOf(Buffer.alloc(0))

/** SHA-256 of an entry's canonical JSON without its own digest. */
export function digestOfEntry(entry: Omit<AuditEntry, 'digest'>): Digest {
  const { number, at, verb, subject, who, via, why, detail, previous } = entry
  const text = canonicalJson({ number, at, verb, subject, who, via, why, detail, previous })
  return digestOf(Buffer.from(text))
}
