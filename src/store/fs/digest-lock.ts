import { mkdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Digest } from '../../model/index.ts'
import { createKeyedMutex } from '../keyed-mutex.ts'
import { errnoOf } from './disk-error.ts'
import { tryKernelLock } from './kernel-lock.ts'
import { type Layout, privateMode } from './layout.ts'
import type { Presence } from './presence.ts'
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
 * Within the process a map; between processes a symbolic link `partial/DIGEST.lock` whose target is the holder's mark:
 * one system call makes it with its content or says that it is there.
 *
 * A link left by a dead process is removed only under the kernel lock `locks/takeover`, after it was read again there:
 * nobody can remove the fresh link of someone who took over a moment earlier, as two who found the same dead holder
 * would otherwise do to each other.
 */
export function createDigestLock(layout: Layout, presence: Presence): DigestLock {
  const here = createKeyedMutex<Digest>()
  let made = false

  function tryLink(link: string): boolean {
    if (!made) mkdirSync(layout.partial, { recursive: true, mode: privateMode })
    made = true
    try {
      symlinkSync(`../locks/${presence.mark()}`, link)
      return true
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
      return false
    }
  }

  /** True when the link is gone now: let go by its holder, or taken from a dead one. */
  function clearIfDead(link: string): boolean {
    const holder = holderOf(link)
    if (holder === undefined) return true
    // Our own link while nobody here holds the digest: its removal failed.
    if (holder !== presence.mark() && !presence.isGone(holder)) return false
    const takeover = tryKernelLock(`${layout.locks}/takeover`)
    if (takeover === undefined) return false
    try {
      if (holderOf(link) === holder) removeIfThere(link)
      return true
    } finally {
      takeover.release()
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
        for (let wait = 5; !isDone(); wait = Math.min(wait * 2, longestWaitMilliseconds)) {
          if (tryLink(link)) return releasing(link, releaseHere)
          if (!clearIfDead(link)) await setTimeout(wait)
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

const longestWaitMilliseconds = 100

/** The mark that a lock's link points to, or undefined when there is none. */
function holderOf(link: string): string | undefined {
  try {
    return basename(readlinkSync(link))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
