import { type BigIntStats, statSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'

/** Remembers what was read from files or directories for as long as a stat says that they are unchanged. */
export interface StatCache<Value> {
  find(path: string, stats: BigIntStats): Value | undefined
  /** `stats` were taken before the reading began; `weight` counts towards the maximum. */
  keep(path: string, stats: BigIntStats, value: Value, weight: number): void
}

/** The least recently used are forgotten once the weights add up to more than `maximumWeight`. */
export function createStatCache<Value>(
  maximumWeight: number,
  now: () => number = Date.now,
): StatCache<Value> {
  const entries = new Map<string, { stats: BigIntStats; value: Value; weight: number }>()
  let total = 0

  function forget(path: string): void {
    total -= entries.get(path)?.weight ?? 0
    entries.delete(path)
  }

  return {
    find(path, stats) {
      const entry = entries.get(path)
      if (entry === undefined || !areSame(entry.stats, stats)) return undefined
      entries.delete(path)
      entries.set(path, entry)
      return entry.value
    },
    keep(path, stats, value, weight) {
      forget(path)
      if (!isSettled(stats, now()) || weight > maximumWeight) return
      entries.set(path, { stats, value, weight })
      total += weight
      while (total > maximumWeight) forget(entries.keys().next().value!)
    },
  }
}

/** For a cache: undefined when there is nothing at the path. A few microseconds. */
export function exactStatOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

function areSame(one: BigIntStats, other: BigIntStats): boolean {
  return (
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs &&
    one.ino === other.ino &&
    one.size === other.size &&
    one.dev === other.dev
  )
}

/**
 * File systems stamp with the kernel's tick (up to 10 ms), so two changes within one tick look the same. What was
 * changed a moment ago (or in the future, when a clock was set back) could be changed again without showing it.
 */
function isSettled(stats: BigIntStats, now: number): boolean {
  const changed = Number((stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs) / 1_000_000n)
  return now - changed >= settlingMilliseconds
}

const settlingMilliseconds = 50
