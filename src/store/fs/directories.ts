import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { errnoOf } from './disk-error.ts'
import { syncFile } from './file-io.ts'

/** The directories of a store: made when they are needed, and made durable. */
export interface Directories {
  /** Resolves once the directory exists and its own name is durable. Costs nothing after the first time. */
  ensure(directory: string, mode: number): Promise<void>
  /** Like `ensure`, when the directory turned out to be gone though it was here. */
  ensureAgain(directory: string, mode: number): Promise<void>
  /** Resolves once every name that was made or changed in the directory before this call is durable. */
  sync(directory: string): Promise<void>
}

export function createDirectories(): Directories {
  const known = new Map<string, Promise<void>>()
  const running = new Map<string, Promise<void>>()
  const queued = new Map<string, Promise<void>>()

  function start(directory: string): Promise<void> {
    const work = syncDirectory(directory).finally(() => running.delete(directory))
    running.set(directory, work)
    return work
  }

  /** A sync under way may have begun before the caller's rename, so the caller shares the next one with whoever comes meanwhile. */
  function sync(directory: string): Promise<void> {
    const current = running.get(directory)
    if (current === undefined) return start(directory)
    const waiting = queued.get(directory)
    if (waiting !== undefined) return waiting
    const next = current
      .catch(() => {})
      .then(() => {
        queued.delete(directory)
        return start(directory)
      })
    queued.set(directory, next)
    return next
  }

  /** Unless every new directory's parent is synced, a crash could lose the directory with all that was synced inside. */
  async function make(directory: string, mode: number): Promise<void> {
    const first = mkdirSync(directory, { recursive: true, mode })
    if (first === undefined) return
    for (let made = directory; made.length >= first.length; made = dirname(made)) await sync(dirname(made))
  }

  function ensureAgain(directory: string, mode: number): Promise<void> {
    const work = make(directory, mode)
    known.set(directory, work)
    work.catch(() => known.delete(directory))
    return work
  }

  return {
    ensure: (directory, mode) => known.get(directory) ?? ensureAgain(directory, mode),
    ensureAgain,
    sync,
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const fd = openIfThere(directory)
  if (fd === undefined) return
  try {
    await syncFile(fd)
  } finally {
    closeSync(fd)
  }
}

/** A directory that is gone has no names left that could be lost. */
function openIfThere(directory: string): number | undefined {
  try {
    return openSync(directory, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
