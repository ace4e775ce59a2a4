import { canonicalJson, type Name, YardError } from '../../model/index.ts'
import type { Queries } from '../dialect/database.ts'
import type { HostToken } from '../hosts.ts'
import type { HostTokenTable } from '../schema.ts'

export async function hostToken(db: Queries, name: Name): Promise<HostToken | undefined> {
  const row = await db.selectFrom('host_token').selectAll().where('name', '=', name).executeTakeFirst()
  return row && tokenOf(row)
}

export async function hostTokens(db: Queries): Promise<HostToken[]> {
  return (await db.selectFrom('host_token').selectAll().orderBy('name').execute()).map(tokenOf)
}

/** @throws YardError `exists`: the audit log tells tokens apart by their names. */
export async function addHostToken(db: Queries, token: HostToken): Promise<void> {
  const { by, labels, host = null, revoked = null, ...rest } = token
  const added = await db
    .insertInto('host_token')
    .values({ ...rest, labels: canonicalJson(labels), host, revoked, created_by: by })
    .onConflict(conflict => conflict.column('name').doNothing())
    .executeTakeFirstOrThrow()
  if (Number(added.numInsertedOrUpdatedRows) > 0) return
  const message = `there is, or was, a token for hosts ${token.name} already; nothing was changed`
  throw new YardError('exists', message, {
    hint: 'choose another name: the audit log tells tokens apart by it',
  })
}

export async function changeHostToken(
  db: Queries,
  { name, used, revoked }: Pick<HostToken, 'name' | 'used' | 'revoked'>,
): Promise<void> {
  await db
    .updateTable('host_token')
    .set({ used, revoked: revoked ?? null })
    .where('name', '=', name)
    .execute()
}

function tokenOf({ created_by: by, labels, host, revoked, ...row }: HostTokenTable): HostToken {
  return {
    ...row,
    by,
    labels: JSON.parse(labels),
    ...(host === null ? {} : { host }),
    ...(revoked === null ? {} : { revoked }),
  }
}
