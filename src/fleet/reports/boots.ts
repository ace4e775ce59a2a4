import type { BootRun } from '../../catalog/index.ts'

const mostBoots = 4

/**
 * The boots of a host with one more number seen from one of them, in the order of their numbers, the last four. One machine is in one boot at
 * a time, so each boot has numbers of its own without those of another between.
 * @returns undefined when that is not so: two machines speak with one key.
 */
export function withBoot(boots: readonly BootRun[], boot: string, counter: number): BootRun[] | undefined {
  const known = boots.find(one => one.boot === boot) ?? { boot, first: counter, last: counter }
  const run = { boot, first: Math.min(known.first, counter), last: Math.max(known.last, counter) }
  const others = boots.filter(one => one.boot !== boot)
  if (others.some(other => other.first <= run.last && other.last >= run.first)) return undefined
  return [...others, run].sort((a, b) => a.first - b.first).slice(-mostBoots)
}
