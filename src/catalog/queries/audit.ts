import { type AuditEntry, beginningOfLog, canonicalJson, digestOfEntry } from '../../model/index.ts'
import type { AuditLine, LatestAudit } from '../catalog.ts'
import type { Queries } from '../dialect/database.ts'
import type { AuditTable } from '../schema.ts'

/** Adds one entry behind the last one. Writes run one at a time over all processes, so none comes in between. */
export async function appendAudit(db: Queries, { draft, at }: AuditLine): Promise<AuditEntry> {
  const last = await db
    .selectFrom('audit')
    .select(['number', 'digest'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  const { verb, subject, who, via, why, detail } = draft
  const numbered = {
    number: (last?.number ?? 0) + 1,
    at,
    verb,
    subject,
    who,
    via,
    ...(why === undefined ? {} : { why }),
    detail,
    previous: last?.digest ?? beginningOfLog,
  }
  const entry = { ...numbered, digest: digestOfEntry(numbered) }
  await db
    .insertInto('audit')
    .values({ ...entry, why: why ?? null, detail: canonicalJson(detail) })
    .execute()
  return entry
}

/** Entries with a number above `after`, in their order; at most `limit`. */
export async function auditEntries(
  db: Queries,
  { after, limit }: { after: number; limit: number },
): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute()
  return rows.map(entryOf)
}

/** The newest entries, newest first. */
export async function latestAudit(db: Queries, { before, since, limit }: LatestAudit): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit').selectAll().orderBy('number', 'desc').limit(limit)
  if (before !== undefined) query = query.where('number', '<', before)
  if (since !== undefined) query = query.where('at', '>=', since)
  return (await query.execute()).map(entryOf)
}

/** The entries of one subject, oldest first. */
export async function auditOf(db: Queries, subject: string): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('subject', '=', subject)
    .orderBy('number')
    .execute()
  return rows.map(entryOf)
}

function entryOf({ why, detail, ...row }: AuditTable): AuditEntry {
  return { ...row, ...(why === null ? {} : { why }), detail: detailOf(detail) }
}

/** What somebody wrote into the table must not keep the log from being read: its digest tells of it. */
function detailOf(text: string): AuditEntry['detail'] {
  try {
    return JSON.parse(text)
  } catch {
    return { unreadable: text }
  }
}
