import type { AuditLine } from '../../catalog/index.ts'
import { type Json, timestampOf } from '../../model/index.ts'
import type { FleetContext } from '../context.ts'

/** A line of the audit log on behalf of whoever asks, at this moment. */
export function by(
  { actor, now }: Pick<FleetContext, 'actor' | 'now'>,
  { why, ...line }: { verb: string; subject: string; why: string | undefined; detail: Json },
): AuditLine {
  return { draft: { ...line, ...actor, ...(why === undefined ? {} : { why }) }, at: timestampOf(now()) }
}
