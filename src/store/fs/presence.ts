import { randomBytes } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { isYardError } from '../../model/index.ts'
import { type KernelLock, tryKernelLock } from './kernel-lock.ts'
import { type Layout, privateMode } from './layout.ts'
import { namesIn } from './names-in.ts'
import { removeFile } from './remove-file.ts'

/**
 * This store among the others that write to the same yard: an empty file of its own, under a kernel lock as long as
 * the process lives. Whoever can lock such a file knows that its owner is gone. Unlike process ids, files mean the
 * same in every container that shares the yard, and are not used again.
 */
export interface Presence {
  /** Path and inode of the file; made and locked by the first call. */
  own(): { file: string; inode: bigint }
  /** Lets go: everything of ours counts as left by the dead. */
  close(): void
}

export function createPresence(layout: Layout): Presence {
  let registered: { file: string; inode: bigint; lock: KernelLock } | undefined
  return {
    own() {
      if (registered === undefined) {
        mkdirSync(layout.locks, { recursive: true, mode: privateMode })
        removeDead(layout.locks)
        registered = register(layout.locks)
      }
      return registered
    },
    close() {
      if (registered === undefined) return
      removeFile(registered.file)
      registered.lock.release()
      registered = undefined
    },
  }
}

/** Somebody's `removeDead` may lock or remove the new file before we have locked it: then we try another name. */
function register(directory: string): { file: string; inode: bigint; lock: KernelLock } {
  for (;;) {
    const file = `${directory}/writer-${randomBytes(16).toString('hex')}`
    const lock = tryKernelLock(file)
    const inode = inodeOf(file)
    if (lock !== undefined && inode !== undefined) return { file, inode, lock }
    lock?.release()
  }
}

/**
 * Removes the files of those who are gone; each while its lock is ours, so that nobody who is about to lock it is missed.
 * One that we may not lock, since another user left it, stays: it is in nobody's way.
 */
function removeDead(directory: string): void {
  for (const name of namesIn(directory)) {
    if (!name.startsWith('writer-')) continue
    const file = `${directory}/${name}`
    const lock = tryExisting(file)
    if (lock !== undefined) removeFile(file)
    lock?.release()
  }
}

/** Never makes the file: one that comes back under its name could hide from its owner that it had been removed. */
function tryExisting(file: string): KernelLock | undefined {
  try {
    return tryKernelLock(file, 'refuse')
  } catch (error) {
    if (isYardError(error, 'not-found', 'unavailable')) return undefined
    throw error
  }
}

/** Undefined when there is no file. */
export function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino
}
