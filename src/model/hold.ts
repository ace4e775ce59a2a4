import type { Name } from './name.ts'
import type { Timestamp } from './timestamp.ts'

/** A package kept back on purpose, in all of a train or in one channel. */
export interface Hold {
  /** Name of a package or a source package, or a glob. */
  package: string
  /** Undefined: in the releases that are cut. */
  channel?: Name
  who: string
  why: string
  since: Timestamp
  /** The last second in which it holds. */
  until: Timestamp
}

/** What is held in a train. */
export interface HoldsRecord {
  version: 1
  train: Name
  holds: Hold[]
}
