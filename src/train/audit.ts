import { type AuditEntry, type Json, timestampOf } from '../model/index.ts'
import type { TrainContext } from './context.ts'

/** Writes into the audit log what was just done on behalf of `context.actor`. */
export async function audit(
  context: TrainContext,
  done: { verb: string; subject: string; why?: string | undefined; detail: Json },
): Promise<AuditEntry> {
  const { why, ...rest } = done
  const draft = { ...rest, ...context.actor, ...(why === undefined ? {} : { why }) }
  return (await context.catalog()).appendAudit(draft, timestampOf(context.now()))
}
