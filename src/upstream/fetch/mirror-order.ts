import type { Mirror } from './mirror.ts'

/** Connections that must fail in a row, and for how long, in milliseconds, a mirror is then put last. */
const failuresToRest = 8
const rest = 60_000

/** In which order mirrors are asked: as configured, but those that cannot be reached for now come last. */
export interface MirrorOrder {
  current(now: number): Mirror[]
  reached(mirror: Mirror): void
  notReached(mirror: Mirror, now: number): void
}

export function createMirrorOrder(mirrors: readonly Mirror[]): MirrorOrder {
  const failures = new Map<Mirror, number>()
  const restsUntil = new Map<Mirror, number>()
  const isResting = (mirror: Mirror, now: number): boolean => (restsUntil.get(mirror) ?? 0) > now
  return {
    current: now => [
      ...mirrors.filter(mirror => !isResting(mirror, now)),
      ...mirrors.filter(mirror => isResting(mirror, now)),
    ],
    reached(mirror) {
      failures.delete(mirror)
      restsUntil.delete(mirror)
    },
    notReached(mirror, now) {
      const count = (failures.get(mirror) ?? 0) + 1
      failures.set(mirror, count)
      if (count >= failuresToRest) restsUntil.set(mirror, now + rest)
    },
  }
}
