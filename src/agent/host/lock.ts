import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, YardError } from '../../model/index.ts'
import { makeDirectory } from './disk.ts'

/**
 * One process at a time changes the agent's state; whoever comes second waits. Node has no flock, but SQLite locks its files, and the
 * kernel drops such a lock with its process, at kill -9 too. The file stays empty.
 * @param patience milliseconds.
 * @returns the function that lets go.
 * @throws YardError `busy` when it is still held after that time, `unavailable` when the disk refuses.
 */
export function takeLock(file: string, patience: number): () => void {
  makeDirectory(dirname(file))
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  let database: InstanceType<typeof DatabaseSync> | undefined
  const close = () => {
    held.delete(database!)
    database?.close()
    database = undefined
  }
  try {
    database = new DatabaseSync(pathToFileURL(file), { timeout: patience })
    held.add(database)
    // The first write transaction of an empty database would make a journal file beside it.
    database.exec('PRAGMA journal_mode = MEMORY')
    database.exec('BEGIN IMMEDIATE')
    // Of a file that it may only read SQLite takes no such lock and says nothing. This write, never committed, finds that out.
    database.exec('PRAGMA user_version = 0')
    return close
  } catch (error) {
    close()
    if ((error as { errcode?: number }).errcode === sqliteBusy)
      throw new YardError(
        'busy',
        `another switchyard-agent is at work and holds ${file}; nothing was changed`,
        { hint: 'run it again when the other one is done' },
      )
    throw new YardError('unavailable', `cannot lock ${file}: ${messageOf(error)}; nothing was changed`, {
      hint: 'check the owner, the permissions and the disk of that path',
      cause: error,
    })
  }
}

const sqliteBusy = 5

/** A database that nobody refers to is closed by the garbage collector, and the lock with it. */
const held = new Set<object>()
