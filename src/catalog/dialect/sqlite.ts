import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement, sql } from 'kysely'
import { type ErrorCode, messageOf, YardError } from '../../model/index.ts'
import type { Tables } from '../schema.ts'
import type { ColumnTypes, Database, Queries, RowColumn } from './database.ts'
import { createTurns } from './turns.ts'

const columnTypes: ColumnTypes = {
  id: 'integer primary key',
  integer: 'integer',
  text: 'text',
  strict: ' strict',
}

/**
 * A SQLite file in WAL mode with two handles: one writes, one only reads, so that readers never wait for a write.
 * `synchronous=full` makes every commit survive a power cut.
 * @throws YardError `unavailable` when the file cannot be opened, `damaged` when it is no database, `busy`.
 */
export async function openSqlite(options: { file: string; patience?: number }): Promise<Database> {
  const { file, patience = 30_000 } = options
  const deadline = () => performance.now() + patience
  let writing: DatabaseSync | undefined
  try {
    writing = await openWriting(file, deadline())
    const reading = new DatabaseSync(file, { timeout: 1000, readOnly: true })
    return sqliteDatabase(file, writing, reading, deadline)
  } catch (error) {
    writing?.close()
    throw explain(file, error)
  }
}

/** 16 MiB of pages in memory, and as many in the log before a commit copies them to the file. */
async function openWriting(file: string, deadline: number): Promise<DatabaseSync> {
  const database = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true })
  const pragmas = 'pragma cache_size = -16384; pragma wal_autocheckpoint = 4096; pragma synchronous = full'
  try {
    await whenFree(deadline, () => database.exec(`pragma journal_mode = wal; ${pragmas}`))
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function sqliteDatabase(
  file: string,
  writing: DatabaseSync,
  reading: DatabaseSync,
  deadline: () => number,
): Database {
  const reader = queriesOn(reading)
  const writer = queriesOn(writing)
  const turns = createTurns()
  return {
    place: file,
    columnTypes,
    reader,
    write: work => turns.take(() => transaction(writing, writer, deadline(), work)),
    hasTable,
    rows,
    // SQLite never reorders a cross join.
    lookUp: (given, table, alias, condition) =>
      sql`${given} as given cross join ${sql.table(table)} as ${sql.ref(alias)} on ${condition}`,
    matches: (column, glob) => sql`${sql.ref(column)} glob ${glob.replaceAll('[', '[[]')}`,
    explain: error => explain(file, error),
    async close() {
      await turns.idle()
      await reader.destroy()
      await writer.destroy()
      if (reading.isOpen) reading.close()
      if (writing.isOpen) writing.close()
    },
  }
}

/**
 * `begin immediate` takes the write lock at once, so nothing inside can meet a lock. Waiting is done here and not by
 * SQLite's busy timeout, which would stop the whole process while it waits.
 */
async function transaction<T>(
  database: DatabaseSync,
  queries: Queries,
  deadline: number,
  work: (db: Queries) => Promise<T>,
): Promise<T> {
  await whenFree(deadline, () => database.exec('begin immediate'))
  try {
    const result = await work(queries)
    database.exec('commit')
    return result
  } catch (error) {
    // A full disk or an I/O error has already rolled the transaction back.
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

async function whenFree(deadline: number, attempt: () => void): Promise<void> {
  for (let pause = 1; ; pause = Math.min(pause * 2, 25)) {
    try {
      return attempt()
    } catch (error) {
      if (primaryCode(error) !== 5 || performance.now() >= deadline) throw error
    }
    await sleep(pause)
  }
}

function queriesOn(database: DatabaseSync): Queries {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapterFor(database) }) })
}

/** node:sqlite as Kysely wants it. Statements are kept, because compiling one costs as much as running it. */
function adapterFor(database: DatabaseSync): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>()
  return {
    close: () => database.close(),
    prepare(text) {
      const known = kept.get(text)
      if (known !== undefined) return known
      const statement = statementOf(database.prepare(text))
      if (kept.size >= 100) kept.clear()
      kept.set(text, statement)
      return statement
    },
  }
}

function statementOf(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: parameters => statement.all(...values(parameters)),
    run: parameters => statement.run(...values(parameters)),
    iterate: parameters => statement.iterate(...values(parameters)),
  }
}

async function hasTable(db: Queries, name: string): Promise<boolean> {
  const found = await sql`select 1 from sqlite_master where type = 'table' and name = ${name}`.execute(db)
  return found.rows.length > 0
}

/** One JSON parameter: as fast as bound values, and the statement is the same for any number of rows. */
function rows(columns: readonly RowColumn[], values: readonly (readonly (string | number)[])[]) {
  const fields = columns.map(([name], index) => sql`value ->> ${sql.lit(index)} as ${sql.ref(name)}`)
  return sql`(select ${sql.join(fields)} from json_each(${JSON.stringify(values)}))`
}

function explain(file: string, error: unknown): unknown {
  const reason = reasons[primaryCode(error) ?? -1]
  if (reason === undefined) return error
  const message = `the catalog ${file} ${reason.failed}: ${messageOf(error)}; nothing was changed`
  return new YardError(reason.code, message, { hint: reason.hint ?? madeAgain(file), cause: error })
}

/** What stands beside the file (its log) goes with it: SQLite would take it for the new one's. */
function madeAgain(file: string): string {
  const aside = `'${dirname(file)}/damaged-catalog'`
  return `put it aside, and the next command makes it again: mkdir ${aside} && mv '${file}'* ${aside}; content is still served meanwhile`
}

/** https://www.sqlite.org/rescode.html: the low byte is the primary code. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}

const damaged = {
  code: 'damaged',
  failed: 'is damaged or not a database',
} as const

const reasons: { [code: number]: { code: ErrorCode; failed: string; hint?: string } } = {
  5: {
    code: 'busy',
    failed: 'is being written by another process',
    hint: 'try again when the other process is done',
  },
  8: {
    code: 'unavailable',
    failed: 'may not be written',
    hint: 'check the permissions of the file and its directory',
  },
  10: { code: 'unavailable', failed: 'cannot be read or written', hint: 'check the disk' },
  11: damaged,
  13: { code: 'no-space', failed: 'cannot grow', hint: 'free some space on its disk' },
  14: {
    code: 'unavailable',
    failed: 'cannot be opened',
    hint: 'check that its directory exists and may be written',
  },
  26: damaged,
}
