import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { checkLockName } from '../lock-name.ts'
import type { Lock, LockHolder, Locks } from '../locks.ts'
import type { Directories } from './directories.ts'
import { onDisk } from './disk-error.ts'
import { tryKernelLock } from './kernel-lock.ts'
import { type Layout, privateMode } from './layout.ts'
import { removeFile } from './remove-file.ts'

/** Locks as kernel locks on `locks/NAME.lock`; beside it `NAME.holder` says, for messages only, who holds it. */
export function createFsLocks(layout: Layout, directories: Directories): Locks {
  const base = (name: string): string => `${layout.locks}/${encodeURIComponent(checkLockName(name))}`

  function tryAcquire(file: string): Lock | undefined {
    const lock = tryKernelLock(`${file}.lock`)
    if (lock === undefined) return undefined
    writeHolder(`${file}.holder`)
    let isHeld = true
    return {
      release() {
        // The next holder's file must not be removed, so ours goes while the lock is still held.
        if (isHeld) removeFile(`${file}.holder`)
        isHeld = false
        lock.release()
      },
    }
  }

  async function acquire(name: string, waitMilliseconds: number): Promise<Lock | undefined> {
    const file = base(name)
    await directories.ensure(layout.locks, privateMode)
    const deadline = performance.now() + waitMilliseconds
    for (let pause = 2; ; pause = Math.min(pause * 2, longestPauseMilliseconds)) {
      const lock = tryAcquire(file)
      const left = deadline - performance.now()
      if (lock !== undefined || left <= 0) return lock
      await setTimeout(Math.min(pause, left))
    }
  }

  return {
    acquire: async (name, waitMilliseconds = 0) =>
      onDisk(`cannot take the lock ${checkLockName(name)}`, layout.root, () =>
        acquire(name, waitMilliseconds),
      ),
    async holder(name) {
      const file = base(name)
      const holder = readHolder(`${file}.holder`)
      // A file that a dead process left is no holder.
      return holder === undefined || isFree(`${file}.lock`) ? undefined : holder
    },
  }
}

const longestPauseMilliseconds = 50

function isFree(file: string): boolean {
  const lock = tryKernelLock(file)
  lock?.release()
  return lock !== undefined
}

/** Who holds a lock is worth a message, not a failure: on a full disk it stays unknown. */
function writeHolder(file: string): void {
  const holder: LockHolder = { host: hostname(), pid: process.pid, since: Date.now() }
  try {
    writeFileSync(`${file}.new`, JSON.stringify(holder))
    renameSync(`${file}.new`, file)
  } catch {
    removeFile(file)
    removeFile(`${file}.new`)
  }
}

function readHolder(file: string): LockHolder | undefined {
  try {
    const { host, pid, since } = JSON.parse(readFileSync(file, 'utf8')) as LockHolder
    return { host, pid, since }
  } catch {
    return undefined
  }
}
