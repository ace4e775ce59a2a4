import { CompiledQuery, type DatabaseConnection, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { type ErrorCode, messageOf, YardError } from '../../model/index.ts'
import type { Tables } from '../schema.ts'
import type { ColumnTypes, Database, Queries, RowColumn } from './database.ts'
import { createTurns } from './turns.ts'

const columnTypes: ColumnTypes = {
  id: 'bigint generated always as identity primary key',
  integer: 'bigint',
  text: 'text collate "C"',
  strict: '',
}

/** Of the advisory lock that makes writes run one at a time, as in SQLite: the bytes `swyd`. */
const writeLock = 0x73_77_79_64

/** A client that vanished without closing its connection loses the write lock after this long. */
const abandonedAfter = 300_000

/**
 * A PostgreSQL database over at most four connections; one of them writes at a time.
 * @throws YardError `configuration` for a bad URL or a database that is not UTF-8, `unavailable`.
 */
export async function openPostgresql(options: { url: string; patience?: number }): Promise<Database> {
  const { url, patience = 30_000 } = options
  const place = placeOf(url)
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'switchyard',
    types: { getTypeParser },
  })
  // A lost connection shows at its next query. Unheard, its event would end the process: idle or in a transaction.
  pool.on('error', () => {})
  pool.on('connect', client => client.on('error', () => {}))
  const database = postgresqlDatabase(place, pool, patience)
  try {
    await refuseOtherEncodings(database)
    return database
  } catch (error) {
    await database.close()
    throw database.explain(error)
  }
}

function postgresqlDatabase(place: string, pool: pg.Pool, patience: number): Database {
  const onCreateConnection = (connection: DatabaseConnection) => configure(connection, patience)
  const queries = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, onCreateConnection }) })
  const turns = createTurns()
  return {
    place,
    columnTypes,
    reader: queries,
    // Waiting writers of this process take turns first, so that they do not hold the connections that readers need.
    write: work => turns.take(() => transaction(queries, work)),
    hasTable,
    rows,
    // `offset 0` keeps the subquery from being merged into the join.
    lookUp: (given, table, alias, condition) => {
      const found = sql`select * from ${sql.table(table)} as ${sql.ref(alias)} where ${condition} offset 0`
      return sql`${given} as given cross join lateral (${found}) as ${sql.ref(alias)}`
    },
    matches: (column, glob) => sql`${sql.ref(column)} like ${likeOf(glob)}`,
    explain: error => explain(place, error),
    async close() {
      await turns.idle()
      await queries.destroy()
    },
  }
}

/** Without `jit = off`, compiling a statement for a batch of rows takes fifty times as long as running it. */
async function configure(connection: DatabaseConnection, patience: number): Promise<void> {
  const settings = { jit: 'off', lock_timeout: patience, idle_in_transaction_session_timeout: abandonedAfter }
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`)
  await connection.executeQuery(CompiledQuery.raw(`select ${calls.join(', ')}`))
}

function transaction<T>(queries: Queries, work: (db: Queries) => Promise<T>): Promise<T> {
  return queries.transaction().execute(async db => {
    await sql`select pg_advisory_xact_lock(${writeLock})`.execute(db)
    return work(db)
  })
}

async function refuseOtherEncodings(database: Database): Promise<void> {
  const answer = await sql<{
    encoding: string
  }>`select current_setting('server_encoding') as encoding`.execute(database.reader)
  const encoding = answer.rows[0]?.encoding
  if (encoding !== 'UTF8')
    throw new YardError(
      'configuration',
      `the catalog ${database.place} has the encoding ${encoding}, not UTF8`,
      {
        hint: "create the database with ENCODING 'UTF8' TEMPLATE template0",
      },
    )
}

async function hasTable(db: Queries, name: string): Promise<boolean> {
  // Not `to_regclass`: it answers from a cache that does not yet know what was committed while we waited for our turn.
  const found =
    await sql`select 1 from pg_tables where schemaname = current_schema() and tablename = ${name}`.execute(db)
  return found.rows.length > 0
}

/** One array parameter a column. */
function rows(columns: readonly RowColumn[], values: readonly (readonly (string | number)[])[]) {
  const arrays = columns.map(([, type], index) => {
    const array = values.map(row => row[index])
    return sql`${array}::${sql.raw(type === 'integer' ? 'bigint[]' : 'text[]')}`
  })
  const names = columns.map(([name]) => sql.ref(name))
  return sql`(select * from unnest(${sql.join(arrays)}) as given(${sql.join(names)}))`
}

function likeOf(glob: string): string {
  return glob
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_')
}

/** Our integers are far below 2^53 (every size is checked on its way in); pg would give bigint as text. */
function getTypeParser(type: number, format?: 'text' | 'binary') {
  if (type === pg.types.builtins.INT8 && format !== 'binary') return Number
  return pg.types.getTypeParser(type, format)
}

/** Host, port and database as pg understands the URL (`?host=` included), without user and password. */
function placeOf(url: string): string {
  const { host, port, database } = parsed(url) ?? {}
  // An `@` means that a password with a `/` in it was taken for a path.
  if (host === undefined || `${host}${database}`.includes('@'))
    throw new YardError('configuration', 'the URL of the PostgreSQL database cannot be understood', {
      hint: 'write it as postgresql://USER:PASSWORD@HOST:5432/DATABASE, with %2F for / in the password and so on',
    })
  const where = host.startsWith('/') ? host : `${host}:${port}`
  return `postgresql://${where}/${database ?? ''}`
}

/** Undefined for what is no URL; the error that says so quotes it, and with it the password. */
function parsed(url: string): pg.Client | undefined {
  try {
    return new pg.Client({ connectionString: url })
  } catch {
    return undefined
  }
}

function explain(place: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason =
    reasons.find(each => each.codes.test(code)) ?? (lostConnection(error) ? unreachable : undefined)
  if (reason === undefined) return error
  const detail = error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error)
  const message = `the catalog ${place} ${reason.failed}: ${detail}`
  return new YardError(reason.code, message, { hint: reason.hint, cause: error })
}

/** pg reports these without a code. */
function lostConnection(error: unknown): boolean {
  return /^(Connection terminated|timeout expired|timeout exceeded|Client has encountered a connection)/.test(
    messageOf(error),
  )
}

interface Reason {
  codes: RegExp
  code: ErrorCode
  failed: string
  hint: string
}

const unreachable: Reason = {
  codes: /^(E[A-Z]+|08...|57P0[1-5]|53300|25P03)$/,
  code: 'unavailable',
  failed: 'cannot be reached',
  hint: 'check that the server runs and that the host may connect; content is still served meanwhile',
}

/** https://www.postgresql.org/docs/15/errcodes-appendix.html */
const reasons: Reason[] = [
  {
    codes: /^(55P03|40001|40P01)$/,
    code: 'busy',
    failed: 'is being written by another process; nothing was changed',
    hint: 'try again when the other process is done',
  },
  {
    codes: /^(28...|3D000|42501)$/,
    code: 'configuration',
    failed: 'does not let us in',
    hint: 'check user, password and database name of the URL, and that the user may create tables',
  },
  {
    codes: /^(53100|53200)$/,
    code: 'no-space',
    failed: 'has no space left; nothing was changed',
    hint: 'free some space on its server',
  },
  {
    codes: /^XX00[12]$/,
    code: 'damaged',
    failed: 'is damaged; nothing was changed',
    hint: 'restore a backup of the database',
  },
  unreachable,
]
