import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { YardError } from '../../model/index.ts'

/** Held until it is released or its process is gone, however it went. */
export interface KernelLock {
  release(): void
}

/**
 * Locks a file (always empty; with `make` created when it is missing) against every other caller in every process;
 * undefined when it is held. Node has no flock, but SQLite locks its files, and the kernel drops such a lock with its process, at kill -9 too.
 *
 * These are POSIX record locks: they end as soon as the process closes any other descriptor of the same file. So
 * nothing but this function may ever open such a file.
 * @throws YardError `not-found` when the file is missing and not to be made, `damaged` when it is something else, `unavailable`
 *   when the disk refuses.
 */
export function tryKernelLock(file: string, missing: 'make' | 'refuse' = 'make'): KernelLock | undefined {
  for (let attempt = 1; ; attempt++) {
    const database = openDatabase(file, missing)
    try {
      lock(database)
      return holding(database)
    } catch (error) {
      database.close()
      if (sqliteCode(error) === sqliteBusy) return undefined
      if (sqliteCode(error) !== sqliteReadOnly || attempt === maxAttempts) throw lockError(error, file)
    }
  }
}

/** A file that may go at any moment may be there again since, because its next holder was quick: so often it is tried. */
const maxAttempts = 10

/**
 * Where the file went and came while it was opened, SQLite opened it for reading only, and then takes no lock for a
 * write transaction and says nothing. The write, which is never committed, is there to find that out.
 */
function lock(database: DatabaseSync): void {
  // The first write transaction of an empty database would make a journal file beside it.
  database.exec('PRAGMA journal_mode = MEMORY')
  database.exec('BEGIN IMMEDIATE')
  database.exec('PRAGMA user_version = 0')
}

function holding(database: DatabaseSync): KernelLock {
  held.add(database)
  return {
    release() {
      if (held.delete(database)) database.close()
    },
  }
}

/** A database that nobody refers to is closed by the garbage collector, and the lock with it. */
const held = new Set<DatabaseSync>()

const sqliteBusy = 5
const sqliteReadOnly = 8
const sqliteNotDatabase = 26

function openDatabase(file: string, missing: 'make' | 'refuse'): DatabaseSync {
  // Loaded at the first lock: a process that only reads never needs it.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const url = pathToFileURL(file)
  url.searchParams.set('mode', missing === 'make' ? 'rwc' : 'rw')
  for (let attempt = 1; ; attempt++)
    try {
      return new DatabaseSync(url, { timeout: 0 })
    } catch (error) {
      if (missing === 'refuse' && !existsSync(file))
        throw new YardError('not-found', `there is no lock file ${file}`)
      if (missing === 'make' || attempt === maxAttempts) throw lockError(error, file)
    }
}

function lockError(error: unknown, file: string): unknown {
  const code = sqliteCode(error)
  if (code === undefined) return error
  if (code === sqliteNotDatabase)
    return new YardError('damaged', `the lock file ${file} has been overwritten; nothing was changed`, {
      hint: 'remove the file while no switchyard runs; locks are empty files',
      cause: error,
    })
  return new YardError(
    'unavailable',
    `cannot lock ${file}: ${(error as Error).message}; nothing was changed`,
    {
      hint: 'check the owner, the permissions and the disk of the yard directory',
      cause: error,
    },
  )
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}
