import { type Freshness, freshnessOf, type Standing } from '../trust/pure.ts'
import type { ClockReading } from './host/clock.ts'
import type { Memory } from './memory.ts'

/**
 * Whether the statements that are trusted may be acted on now. The wall clock can be set, so it is not the only one to say so: since the
 * statements were taken, time cannot have gone on less than CLOCK_BOOTTIME has, and they were not signed later than they were taken.
 * @param isSynchronised asked only where something depends on it.
 */
export function freshnessNow(
  standing: Pick<Standing, 'timestamp' | 'signedAfter' | 'expires'>,
  { taken }: Pick<Memory, 'taken'>,
  { now, uptime, boot }: ClockReading,
  isSynchronised: () => boolean,
): Freshness {
  const isThisBoot = taken !== undefined && taken.timestamp === standing.timestamp && taken.boot === boot
  const passed = isThisBoot ? Math.max(0, uptime - taken.uptime) : 0
  const earliest = standing.signedAfter + passed
  if (earliest >= standing.expires) return 'expired'
  return freshnessOf(
    { signedAfter: earliest, expires: standing.expires },
    { now, synchronised: now >= standing.expires && isSynchronised() },
  )
}
