import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { isYardError } from '../../model/index.ts'
import { type KernelLock, tryKernelLock } from './kernel-lock.ts'
import { type Layout, privateMode } from './layout.ts'
import { removeFile } from './remove-file.ts'

/**
 * Tells whether a process that left its mark somewhere is still there. A process that writes blobs holds one kernel
 * lock of its own, on a file with a random name, as long as it lives; a mark is that name. Unlike process ids, the names
 * are never used again and mean the same in every container that shares the yard.
 */
export interface Presence {
  /** This store's own mark; the first call takes the lock. */
  mark(): string
  /** True once the process that left the mark is gone; it stays true for ever. */
  isGone(mark: string): boolean
  /** Lets go: every mark of ours counts as left by the dead. */
  close(): void
}

export function createPresence(layout: Layout): Presence {
  let own: { mark: string; lock: KernelLock } | undefined

  function isGone(mark: string): boolean {
    if (mark === own?.mark) return false
    if (!shape.test(mark)) return true
    try {
      // Never made here: a file that comes back under a name once removed could hide that the name's owner lost it.
      const lock = tryKernelLock(`${layout.locks}/${mark}`, 'refuse')
      if (lock === undefined) return false
      // Removed while we hold it, so that whoever has just made it, and not locked it yet, notices.
      removeFile(`${layout.locks}/${mark}`)
      lock.release()
      return true
    } catch (error) {
      if (isYardError(error, 'not-found')) return true
      throw error
    }
  }

  function mark(): string {
    if (own === undefined) {
      mkdirSync(layout.locks, { recursive: true, mode: privateMode })
      for (const name of readdirSync(layout.locks)) if (shape.test(name)) isGone(name)
      own = register(layout.locks)
    }
    return own.mark
  }

  return {
    mark,
    isGone,
    close() {
      if (own === undefined) return
      removeFile(`${layout.locks}/${own.mark}`)
      own.lock.release()
      own = undefined
    },
  }
}

const shape = /^writer-[0-9a-f]{32}$/

/** Somebody who cleans up may lock or remove the new file before we have locked it: then we try another name. */
function register(directory: string): { mark: string; lock: KernelLock } {
  for (;;) {
    const file = `${directory}/writer-${randomBytes(16).toString('hex')}`
    const lock = tryKernelLock(file)
    if (lock === undefined) continue
    if (existsSync(file)) return { mark: basename(file), lock }
    lock.release()
  }
}
