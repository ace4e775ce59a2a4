import type { Kysely, RawBuilder } from 'kysely'
import type { Tables } from '../schema.ts'

/** A handle on which queries run: the reader, or the one inside a write. */
export type Queries = Kysely<Tables>

/** How a database spells the column types of the migrations. */
export interface ColumnTypes {
  /** A primary key that counts up by itself. */
  id: string
  integer: string
  /** Text that compares by its bytes. */
  text: string
  /** Stands after a table's closing parenthesis. */
  strict: string
}

export type RowColumn = readonly [name: string, type: 'integer' | 'text']

/** All in which SQLite and PostgreSQL differ for the rest of the catalog. */
export interface Database {
  /** The file, or host and database, for messages; never a user or a password. */
  readonly place: string
  readonly columnTypes: ColumnTypes
  /** Sees committed states only; never waits for a write. */
  readonly reader: Queries
  /**
   * Runs `work` as one transaction, alone over all processes; durable once it resolves, undone when `work` throws.
   * @throws YardError `busy` when its turn does not come within the patience given at opening.
   */
  write<T>(work: (db: Queries) => Promise<T>): Promise<T>
  hasTable(db: Queries, name: string): Promise<boolean>
  /** Rows of values as a table for `from`: one statement, whatever their number (about 1,000 at a time). */
  rows(columns: readonly RowColumn[], values: readonly (readonly (string | number)[])[]): RawBuilder<unknown>
  /**
   * For `from`: rows of `given` (made by `rows`), each with the rows of `table` that fit it. Always one look-up per
   * given row, in the index that `condition` names: left to themselves both planners, which have no statistics of
   * tables that were filled a moment ago, read the whole table for each row. `condition` hides columns of other
   * indexes behind a `+`.
   */
  lookUp(
    given: RawBuilder<unknown>,
    table: 'package' | 'content',
    alias: string,
    condition: RawBuilder<unknown>,
  ): RawBuilder<unknown>
  /** True where the column's text matches a glob of literal characters, `*` and `?`. */
  matches(column: string, glob: string): RawBuilder<boolean>
  /** The YardError for what the driver threw; anything else unchanged. */
  explain(error: unknown): unknown
  /** Waits for the writes under way. */
  close(): Promise<void>
}
