import { linkSync, mkdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type Digest, isYardError } from '../../model/index.ts'
import { createKeyedMutex } from '../keyed-mutex.ts'
import { errnoOf } from './disk-error.ts'
import { tryKernelLock } from './kernel-lock.ts'
import { type Layout, privateMode } from './layout.ts'
import { inodeOf, type Presence } from './presence.ts'
import { removeIfThere } from './remove-file.ts'

/** One writer per digest, over all processes. Cheap, because a sync takes one for every blob: two system calls. */
export interface DigestLock {
  /**
   * Resolves when the digest is ours, with the function that releases it. While another process holds it, `isDone` is
   * asked from time to time: once true, undefined comes back and nothing is held.
   */
  acquire(digest: Digest, isDone: () => boolean): Promise<(() => void) | undefined>
  /** Without waiting: undefined when somebody holds the digest. */
  tryAcquire(digest: Digest): (() => void) | undefined
}

/**
 * Within the process a map; between processes `partial/DIGEST.lock`, a hard link to the holder's own file (see Presence).
 * One system call makes it or says that it is there, and it needs no new inode: making and removing a file or a
 * symbolic link for each of thousands of blobs cost as much as writing their bytes (ext4 without a journal, 2026-11).
 *
 * A link whose inode can be locked was left by a dead process. Only the holder of that lock may remove it, and only if
 * the name still leads to that inode: of two who find the same dead holder, the second cannot remove the fresh link
 * of the first. (No new link to a dead process's file can come up, and no inode number is used again while it is open.)
 */
export function createDigestLock(layout: Layout, presence: Presence): DigestLock {
  const here = createKeyedMutex<Digest>()
  let isMade = false

  function tryLink(link: string): boolean {
    if (!isMade) mkdirSync(layout.partial, { recursive: true, mode: privateMode })
    isMade = true
    try {
      linkSync(presence.own().file, link)
      return true
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
      return false
    }
  }

  /** True when the link is gone now: let go by its holder, or taken from a dead one. */
  function clearIfDead(link: string): boolean {
    const inode = inodeOf(link)
    if (inode === undefined) return true
    // Ours, while nobody here holds the digest: its removal failed the last time.
    if (inode === presence.own().inode) return removeIfThere(link)
    try {
      const dead = tryKernelLock(link, 'refuse')
      if (dead === undefined) return false
      if (inodeOf(link) === inode) removeIfThere(link)
      dead.release()
      return true
    } catch (error) {
      if (isYardError(error, 'not-found')) return true
      throw error
    }
  }

  function releasing(link: string, releaseHere: () => void): () => void {
    return () => {
      try {
        removeIfThere(link)
      } finally {
        releaseHere()
      }
    }
  }

  return {
    async acquire(digest, isDone) {
      const releaseHere = await here.acquire(digest)
      const link = `${layout.partialOf(digest)}.lock`
      try {
        for (let pause = 5; !isDone(); pause = Math.min(pause * 2, longestPauseMilliseconds)) {
          if (tryLink(link)) return releasing(link, releaseHere)
          if (!clearIfDead(link)) await setTimeout(pause)
        }
      } catch (error) {
        releaseHere()
        throw error
      }
      releaseHere()
      return undefined
    },
    tryAcquire(digest) {
      const releaseHere = here.tryAcquire(digest)
      if (releaseHere === undefined) return undefined
      const link = `${layout.partialOf(digest)}.lock`
      try {
        if (tryLink(link) || (clearIfDead(link) && tryLink(link))) return releasing(link, releaseHere)
      } catch (error) {
        releaseHere()
        throw error
      }
      releaseHere()
      return undefined
    },
  }
}

const longestPauseMilliseconds = 100
