import { type AuditEntry, beginningOfLog, digestOfEntry } from './audit.ts'
import type { Digest } from './digest.ts'

/** How far a log has been followed: the last entry that stands in its place. */
export interface ChainLink {
  number: number
  digest: Digest
}

/**
 * The first entry of a log that is not what was written:
 * `changed`: it does not have its own digest; `missing`: there is no entry of that number; `added`: it stands where none of
 * its number belongs, or does not follow the entry before it; `replaced`: it is not the one of which the signed head
 * speaks; `cut off`: the log ends before the entry of which the signed head speaks.
 */
export interface AuditFault {
  number: number
  kind: 'changed' | 'missing' | 'added' | 'replaced' | 'cut off'
}

/** What is wrong with an entry that comes behind `last` (undefined: with the first one); undefined: nothing is. */
export function chainFault(last: ChainLink | undefined, entry: AuditEntry): AuditFault | undefined {
  const number = (last?.number ?? 0) + 1
  if (entry.number > number) return { number, kind: 'missing' }
  if (entry.number < number) return { number: entry.number, kind: 'added' }
  if (!hasOwnDigest(entry)) return { number, kind: 'changed' }
  if (entry.previous !== (last?.digest ?? beginningOfLog)) return { number, kind: 'added' }
  return undefined
}

/** What cannot be written as canonical JSON was never written by us. */
function hasOwnDigest(entry: AuditEntry): boolean {
  try {
    return digestOfEntry(entry) === entry.digest
  } catch {
    return false
  }
}
