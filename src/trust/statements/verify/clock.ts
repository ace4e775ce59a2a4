import type { Timestamp as TimestampRole } from '@tufjs/models'
import { lifetimes } from '../layout.ts'

/** What a host knows of the time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now: number
  /** Whether something (NTP, the hypervisor) vouches for it. Asked only where something depends on it, since that may take a process. */
  synchronised: boolean
}

/** By so much the yard's clock and a host's may differ, in milliseconds. */
export const clockTolerance = 24 * 3_600_000

/**
 * A moment before which the timestamp cannot have been signed, in milliseconds: it moves the host's floor of time. Versions are unix seconds or
 * more, so the expiry (at most the longest life after it was signed) bounds what a version that ran ahead could claim.
 */
export function signedAfter({ version, expires }: Pick<TimestampRole, 'version' | 'expires'>): number {
  return Math.min(version * 1000, Date.parse(expires) - lifetimes.online.idle * 1000)
}

export type Freshness = 'fresh' | 'expired' | 'clock-suspect'

/**
 * Whether statements may be acted on now. A clock that is behind verified metadata, or that nobody vouches for and that says `expired`, is
 * suspected itself.
 */
export function freshnessOf(
  { signedAfter, expires }: { signedAfter: number; expires: number },
  clock: Clock,
): Freshness {
  if (clock.now + clockTolerance < signedAfter) return 'clock-suspect'
  if (clock.now < expires) return 'fresh'
  return clock.synchronised ? 'expired' : 'clock-suspect'
}
