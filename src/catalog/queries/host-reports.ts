import { sql } from 'kysely'
import { canonicalJson, type HostId, type Json } from '../../model/index.ts'
import type { Database, Queries } from '../dialect/database.ts'
import type { CardNotes, KeptReport, NewReport, ReportingHost } from '../host-reports.ts'
import { hostOf } from './hosts.ts'

/** Of those hosts that there are, each once. */
export async function reporting(
  database: Database,
  db: Queries,
  ids: readonly HostId[],
): Promise<Map<HostId, ReportingHost>> {
  const given = database.rows(
    [['id', 'text']],
    [...new Set(ids)].map(id => [id]),
  )
  const rows = await db
    .selectFrom('host')
    .leftJoin('host_report', 'host_report.host', 'host.id')
    .selectAll('host')
    .select(['host_report.counter as reported', 'recent'])
    .where('id', 'in', sql<HostId>`(select id from ${given} as given)`)
    .execute()
  return new Map(
    rows.map(({ reported, recent, ...row }) => {
      const kept =
        reported === null || recent === null
          ? {}
          : { kept: { counter: reported, recent: JSON.parse(recent) } }
      return [row.id, { host: hostOf(row), ...kept }]
    }),
  )
}

/** One of each host. */
export async function keepReports(
  database: Database,
  db: Queries,
  reports: readonly NewReport[],
): Promise<void> {
  const given = database.rows(
    [
      ['host', 'text'],
      ['counter', 'integer'],
      ['recent', 'text'],
      ['seen', 'text'],
      ['notes', 'text'],
      ['report', 'text'],
    ],
    reports.map(({ host, counter, recent, seen, notes, report }) => [
      host,
      counter,
      textOf(recent),
      seen,
      textOf(notes),
      textOf(report),
    ]),
  )
  // `where true`: without it SQLite takes `on conflict` for the condition of a join.
  await sql`
    insert into host_report (host, counter, recent, seen, notes, report)
    select host, counter, recent, seen, notes, report from ${given} as given where true
    on conflict (host) do update set counter = excluded.counter, recent = excluded.recent,
      seen = excluded.seen, notes = excluded.notes, report = excluded.report
  `.execute(db)
  const boots = database.rows(
    [
      ['host', 'text'],
      ['boots', 'text'],
    ],
    reports.map(({ host, boots }) => [host, textOf(boots)]),
  )
  await sql`update host set boots = given.boots from ${boots} as given where id = given.host`.execute(db)
}

export async function reportOf(db: Queries, host: HostId): Promise<KeptReport | undefined> {
  const row = await db.selectFrom('host_report').selectAll().where('host', '=', host).executeTakeFirst()
  return (
    row && {
      ...row,
      recent: JSON.parse(row.recent),
      notes: JSON.parse(row.notes),
      report: JSON.parse(row.report),
    }
  )
}

export async function cardNotes(db: Queries, host: HostId): Promise<CardNotes> {
  const row = await db.selectFrom('host_card').select('said').where('host', '=', host).executeTakeFirst()
  return row === undefined ? { entitlements: [], before: [] } : JSON.parse(row.said)
}

export async function changeCardNotes(db: Queries, host: HostId, notes: CardNotes): Promise<void> {
  const said = textOf(notes)
  await db
    .insertInto('host_card')
    .values({ host, said })
    .onConflict(conflict => conflict.column('host').doUpdateSet({ said }))
    .execute()
}

function textOf(value: object): string {
  return canonicalJson(value as Json)
}
