import {
  type AuditDraft,
  type AuditEntry,
  beginningOfLog,
  canonicalJson,
  digestOfEntry,
  type Timestamp,
} from '../../model/index.ts'
import type { Database } from '../dialect/database.ts'
import type { AuditTable } from '../schema.ts'

/** Adds one entry behind the last one, in a transaction of its own; its contract is `Catalog.appendAudit`. */
export async function appendAudit(database: Database, draft: AuditDraft, at: Timestamp): Promise<AuditEntry> {
  return database.write(async db => {
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
  })
}

/** Entries with a number above `after`, in their order; at most `limit`. */
export async function auditEntries(
  database: Database,
  { after, limit }: { after: number; limit: number },
): Promise<AuditEntry[]> {
  const rows = await database.reader
    .selectFrom('audit')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute()
  return rows.map(entryOf)
}

function entryOf({ why, detail, ...row }: AuditTable): AuditEntry {
  return { ...row, ...(why === null ? {} : { why }), detail: JSON.parse(detail) }
}
