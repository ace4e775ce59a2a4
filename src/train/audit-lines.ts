import type { AuditEntry, ChannelMove, ChannelReference, Json, ReleaseRecord } from '../model/index.ts'
import type { TrainContext } from './context.ts'

const verbs = { promotion: 'promote', rollback: 'rollback' } as const

/** A line of the audit log without who asked for it, and how. */
export interface AuditLine {
  verb: string
  subject: string
  why?: string
  detail: Json
}

/** What the audit log says of a release that was cut. */
export function lineOfRelease({ train, timestamp, kind, why, snapshots }: ReleaseRecord): AuditLine {
  return {
    verb: kind === 'bump' ? 'bump' : 'release',
    subject: `${train}@${timestamp}`,
    ...(why === undefined ? {} : { why }),
    detail: { snapshots: snapshots as unknown as Json },
  }
}

/** What the audit log says of one move of a channel. */
export function lineOfMove(
  { train, channel }: ChannelReference,
  { kind, why, ...detail }: ChannelMove,
): AuditLine {
  return {
    verb: verbs[kind],
    subject: `${train}/${channel}`,
    ...(why === undefined ? {} : { why }),
    detail: detail as unknown as Json,
  }
}

/** Every move of a channel that the audit log knows, oldest first. */
export async function loggedMoves(
  context: TrainContext,
  { train, channel }: ChannelReference,
): Promise<ChannelMove[]> {
  const entries = await (await context.catalog()).auditOf(`${train}/${channel}`)
  return entries.flatMap(moveOf)
}

function moveOf({ verb, why, detail }: AuditEntry): ChannelMove[] {
  const kind = verb === verbs.promotion ? 'promotion' : verb === verbs.rollback ? 'rollback' : undefined
  if (kind === undefined) return []
  const move = detail as unknown as Omit<ChannelMove, 'kind' | 'why'>
  return [{ kind, ...move, ...(why === undefined ? {} : { why }) }]
}
