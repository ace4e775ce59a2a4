import type { FetchCost } from '../fetcher.ts'
import type { Ask } from './ask.ts'
import type { Buffers } from './batch.ts'
import type { Mirror } from './mirror.ts'
import type { MirrorOrder } from './mirror-order.ts'
import type { Slots } from './slots.ts'
import type { Surroundings } from './surroundings.ts'

/** What everything that one fetcher does has in common: the ways out, the limits and the meter. */
export interface Desk {
  /** The repository's name, for messages. */
  object: string
  mirrors: readonly Mirror[]
  order: MirrorOrder
  ask: Ask
  slots: Slots
  buffers: Buffers
  cost: FetchCost
  surroundings: Surroundings
  attempts: number
  concurrency: number
  idleMilliseconds: number
  /** Milliseconds to stop reading for after so many bytes. */
  pause: (bytes: number) => number
}
