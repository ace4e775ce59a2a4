import { canonicalJson, type HostId, type HostState, type Json } from '../../model/index.ts'
import type { Queries } from '../dialect/database.ts'
import type { HostFilter, HostRecord } from '../hosts.ts'
import type { HostTable } from '../schema.ts'

export async function host(db: Queries, id: HostId): Promise<HostRecord | undefined> {
  const row = await db.selectFrom('host').selectAll().where('id', '=', id).executeTakeFirst()
  return row && hostOf(row)
}

export async function hostByKey(db: Queries, publicKey: string): Promise<HostRecord | undefined> {
  const row = await db.selectFrom('host').selectAll().where('public', '=', publicKey).executeTakeFirst()
  return row && hostOf(row)
}

export async function hosts(
  db: Queries,
  { train, channel, state, after, limit }: HostFilter,
): Promise<HostRecord[]> {
  let query = db.selectFrom('host').selectAll().orderBy('id').limit(limit)
  if (train !== undefined) query = query.where('train', '=', train)
  if (channel !== undefined) query = query.where('channel', '=', channel)
  if (state !== undefined) query = query.where('state', '=', state)
  if (after !== undefined) query = query.where('id', '>', after)
  return (await query.execute()).map(hostOf)
}

export async function countHosts(db: Queries): Promise<{ state: HostState; count: number }[]> {
  const rows = await db
    .selectFrom('host')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .orderBy('state')
    .execute()
  return rows.map(({ state, count }) => ({ state, count: Number(count) }))
}

export async function addHost(db: Queries, record: HostRecord): Promise<void> {
  await db.insertInto('host').values(rowOf(record)).execute()
}

export async function changeHost(db: Queries, record: HostRecord): Promise<void> {
  const { id, ...row } = rowOf(record)
  await db.updateTable('host').set(row).where('id', '=', id).execute()
}

function rowOf({ rankGroup, labels, boots, why, ...rest }: HostRecord): HostTable {
  return {
    ...rest,
    why: why ?? null,
    labels: canonicalJson(labels),
    rank_group: rankGroup,
    boots: canonicalJson(boots as unknown as Json),
  }
}

export function hostOf({ rank_group: rankGroup, labels, boots, why, ...row }: HostTable): HostRecord {
  const known = { ...row, rankGroup, labels: JSON.parse(labels), boots: JSON.parse(boots) }
  return why === null ? known : { ...known, why }
}
