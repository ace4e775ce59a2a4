import { join } from 'node:path'
import { YardError } from '../model/index.ts'
import { namesIn, removePath } from './host/disk.ts'
import type { Layout } from './host/layout.ts'
import { takeLock } from './host/lock.ts'

/**
 * Makes this machine no host: everything that the agent kept goes, first what says who it is. What is installed stays as it is.
 * @throws YardError `not-found` when it is none.
 */
export function leave(layout: Layout): void {
  const { state, lock, inbox, key, identity } = layout
  const release = takeLock(lock, 0)
  try {
    const names = namesIn(state).map(name => join(state, name))
    const mine = names.filter(path => path !== lock && path !== inbox)
    if (mine.length === 0) throw new YardError('not-found', 'this machine is no host; nothing was changed')
    removePath(identity)
    removePath(key)
    for (const path of mine) removePath(path)
  } finally {
    release()
  }
}
