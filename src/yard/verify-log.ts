import type { Catalog } from '../catalog/index.ts'
import { type AuditFault, type ChainLink, isYardError } from '../model/index.ts'
import { type AuditHead, type HeadContext, readHead } from './audit-head.ts'
import { followLog } from './follow-log.ts'

/** What reading the whole audit log again showed. */
export interface LogReport {
  /** How many entries stand in their places, from the first one on. */
  entryCount: number
  /** The last of them. Whoever keeps its digest elsewhere can prove later that nothing before it was changed. */
  last?: ChainLink
  /** The first entry that is not what was written; undefined: there is none. */
  fault?: AuditFault
  /** How far the log had come when the yard's keys signed it. */
  head?: AuditHead
  /** Why the signed head says nothing; undefined: it does. */
  headProblem?: string
  /** Entries behind the signed head: that they were not cut off or replaced from some place on, nothing proves. */
  uncoveredCount: number
}

/** Computes every digest of the log again, a batch at a time, and holds it against its signed head. */
export async function verifyLog(context: HeadContext, catalog: Catalog): Promise<LogReport> {
  // Before the entries: another process may add some meanwhile, and let the head follow.
  const { head, headProblem } = await headOf(context)
  const { last, fault } = await followLog(catalog, undefined, ({ number, digest }) =>
    number === head?.number && digest !== head.digest ? { number, kind: 'replaced' } : undefined,
  )
  const entryCount = last?.number ?? 0
  const cut = fault === undefined && head !== undefined && head.number > entryCount
  const found = cut ? ({ number: entryCount + 1, kind: 'cut off' } as const) : fault
  const problem = headProblem ?? (head === undefined && entryCount > 0 ? 'there is none' : undefined)
  return {
    entryCount,
    ...(last === undefined ? {} : { last }),
    ...(found === undefined ? {} : { fault: found }),
    ...(head === undefined ? {} : { head }),
    ...(problem === undefined ? {} : { headProblem: problem }),
    uncoveredCount: Math.max(0, entryCount - (head?.number ?? 0)),
  }
}

async function headOf(context: HeadContext): Promise<{ head?: AuditHead; headProblem?: string }> {
  try {
    const head = await readHead(context)
    return head === undefined ? {} : { head }
  } catch (error) {
    if (isYardError(error, 'damaged')) return { headProblem: error.message }
    throw error
  }
}
