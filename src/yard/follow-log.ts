import { setImmediate } from 'node:timers/promises'
import type { Catalog } from '../catalog/index.ts'
import { type AuditEntry, type AuditFault, type ChainLink, chainFault } from '../model/index.ts'

/** Entries that are read at once. */
const batch = 1_000

/** Numbers are from 1; an entry below that was put in. */
const beforeAll = Number.MIN_SAFE_INTEGER

/**
 * Follows the log from the entry behind `from` (undefined: from the beginning), a batch at a time, as far as every entry
 * stands in its place and `faultOf` finds nothing wrong with it.
 */
export async function followLog(
  catalog: Catalog,
  from: ChainLink | undefined,
  faultOf: (entry: AuditEntry) => AuditFault | undefined = () => undefined,
): Promise<{ last?: ChainLink; fault?: AuditFault }> {
  let last = from
  for (;;) {
    const entries = await catalog.auditEntries({ after: last?.number ?? beforeAll, limit: batch })
    for (const entry of entries) {
      const fault = chainFault(last, entry) ?? faultOf(entry)
      if (fault !== undefined) return { ...(last === undefined ? {} : { last }), fault }
      last = { number: entry.number, digest: entry.digest }
    }
    if (entries.length < batch) return last === undefined ? {} : { last }
    // A database in this process answers at once: whatever else it does gets its turn here.
    await setImmediate()
  }
}
