import type { HostId } from '../../model/index.ts'

/** How many reports a host may send at once, and how many more a minute: what was said without a connection comes together. */
const [atOnce, aMinute] = [120, 30]

/** Hosts that have used up some of theirs; the rest cost nothing. */
const mostRemembered = 20_000

export interface Allowance {
  /** Whether the host may send one more now. */
  take(host: HostId): boolean
}

/** @param clock milliseconds of a clock that never goes back. */
export function createAllowance(clock: () => number): Allowance {
  const used = new Map<HostId, { reports: number; at: number }>()
  return {
    take(host) {
      const now = clock()
      const before = used.get(host)
      const left =
        before === undefined ? 0 : Math.max(0, before.reports - ((now - before.at) / 60_000) * aMinute)
      if (left + 1 > atOnce) return false
      // Behind the others: who has not reported for longest stands first, and is forgotten first.
      used.delete(host)
      used.set(host, { reports: left + 1, at: now })
      if (used.size > mostRemembered) used.delete(used.keys().next().value!)
      return true
    },
  }
}
