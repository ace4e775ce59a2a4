import { sql } from 'kysely'
import { YardError } from '../model/index.ts'
import type { Database, Queries } from './dialect/database.ts'
import type { Migration } from './migrations/index.ts'

/**
 * Brings the tables up to the newest migration, each in a transaction of its own; takes no lock when nothing is to do.
 * @throws YardError `configuration` when the database has a migration that this program does not know.
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  const reached = await reachedMigration(database, database.reader)
  refuseNewer(database, migrations, reached)
  for (const migration of migrations.slice(reached)) await apply(database, migrations, migration)
}

async function apply(
  database: Database,
  migrations: readonly Migration[],
  migration: Migration,
): Promise<void> {
  await database.write(async db => {
    const reached = await reachedMigration(database, db)
    refuseNewer(database, migrations, reached)
    // Another process was faster while we waited for our turn.
    if (reached >= migration.number) return
    if (reached === 0) await createMigrationTable(database, db)
    await db.insertInto('migration').values({ number: migration.number, name: migration.name }).execute()
    for (const statement of migration.statements(database.columnTypes)) await sql.raw(statement).execute(db)
  })
}

/** The number of the last migration applied; 0 for an empty database. */
async function reachedMigration(database: Database, db: Queries): Promise<number> {
  if (!(await database.hasTable(db, 'migration'))) return 0
  const row = await db
    .selectFrom('migration')
    .select(({ fn }) => fn.max('number').as('number'))
    .executeTakeFirst()
  return row?.number ?? 0
}

async function createMigrationTable(database: Database, db: Queries): Promise<void> {
  const { integer, text, strict } = database.columnTypes
  await sql
    .raw(`create table migration (number ${integer} primary key, name ${text} not null)${strict}`)
    .execute(db)
}

function refuseNewer(database: Database, migrations: readonly Migration[], reached: number): void {
  if (reached <= migrations.length) return
  const message = `the catalog ${database.place} has schema ${reached}, this program knows ${migrations.length}; nothing was changed`
  throw new YardError('configuration', message, {
    hint: 'a newer Switchyard wrote it: use that version or a later one',
  })
}
