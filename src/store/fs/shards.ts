import { type Stats, statSync, utimesSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { type Digest, isDigest } from '../../model/index.ts'
import { namesIn } from './names-in.ts'

export interface ShardedFile {
  digest: Digest
  file: string
  /** In bytes. */
  size: number
  /** In milliseconds since the epoch. */
  written: number
}

/** Every file `ab/cdef...SUFFIX` below a directory whose name is a digest. What disappears meanwhile is left out. */
export async function* listShards(directory: string, suffix: string): AsyncIterable<ShardedFile> {
  for (const shard of namesIn(directory).filter(name => /^[0-9a-f]{2}$/.test(name))) {
    const names = namesIn(`${directory}/${shard}`)
    for (let at = 0; at < names.length; at += namesPerTurn) {
      yield* filesOf(directory, shard, names.slice(at, at + namesPerTurn), suffix)
      // Somebody else's turn: a server may be answering in this process.
      await setImmediate()
    }
  }
}

const namesPerTurn = 512

function filesOf(directory: string, shard: string, names: string[], suffix: string): ShardedFile[] {
  const files: ShardedFile[] = []
  for (const name of names) {
    const digest = `${shard}${name.slice(0, name.length - suffix.length)}`
    if (!name.endsWith(suffix) || !isDigest(digest)) continue
    const file = `${directory}/${shard}/${name}`
    const stats = statOf(file)
    if (stats !== undefined) files.push({ digest, file, size: stats.size, written: stats.mtimeMs })
  }
  return files
}

/** What is known of a file, or undefined when there is none. */
export function statOf(file: string): Stats | undefined {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats?.isFile() ? stats : undefined
}

/**
 * True when the file is here; then it counts as written now (see Blobs.list), to the hour, so that asking for what is
 * here stays a look and no write.
 */
export function isHereAgain(file: string): boolean {
  const stats = statOf(file)
  if (stats === undefined) return false
  const now = Date.now()
  return now - stats.mtimeMs <= youngMilliseconds || touched(file, now / 1000)
}

/** False when a garbage collection has removed it since. */
function touched(file: string, seconds: number): boolean {
  try {
    utimesSync(file, seconds, seconds)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

const youngMilliseconds = 3_600_000
