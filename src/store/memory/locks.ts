import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { checkLockName } from '../lock-name.ts'
import type { LockHolder, Locks } from '../locks.ts'

/** Locks within this process. */
export function createMemoryLocks(now: () => number = Date.now): Locks {
  const held = new Map<string, LockHolder>()
  return {
    async acquire(name, waitMilliseconds = 0) {
      const deadline = now() + waitMilliseconds
      checkLockName(name)
      while (held.has(name)) {
        if (now() >= deadline) return undefined
        await setTimeout(pollMilliseconds)
      }
      const holder = { host: hostname(), pid: process.pid, since: now() }
      held.set(name, holder)
      return {
        release() {
          if (held.get(name) === holder) held.delete(name)
        },
      }
    },
    holder: async name => held.get(checkLockName(name)),
  }
}

const pollMilliseconds = 5
