import type { Name, Timestamp } from '../model/index.ts'
import type { SuspicionName } from '../trust/pure.ts'
import { parseObject } from './identity.ts'

/** What the agent knows between two checks beside what it trusts: `why` and `status` ask nobody. */
export interface Memory {
  version: 1
  /** Of the last report or renewal. */
  counter: number
  /** What is followed now; the card may have moved the host since it enrolled. */
  follows?: { train: Name; channel: Name }
  /** When the statements that are trusted were taken, by a clock that nobody sets. */
  taken?: { timestamp: number; boot: string; uptime: number }
  check?: LastCheck
  /** The last report that went to the outbox, and when. */
  reported?: { word: string; boot: string; uptime: number }
  /** Why the certificate was not renewed, where it was asked for in vain. */
  renewal?: string
}

export interface LastCheck {
  at: Timestamp
  places: PlaceFinding[]
  /** What the yard's server said, where that was not what was asked for. */
  server?: ServerFinding
}

/**
 * What one place showed. `current`: the newest that is known. `behind`: something older while another place is current, as a mirror that
 * lags. Otherwise what is suspected.
 */
export interface PlaceFinding {
  url: string
  finding: 'current' | 'behind' | SuspicionName
  sentence?: string
}

/** `refused`: it does not talk with this host any more. `distrusted`: it handed out a card that cannot be believed. */
export interface ServerFinding {
  finding: 'unavailable' | 'refused' | 'distrusted'
  sentence: string
}

export const maximumMemoryBytes = 256 * 1024

/** @param text undefined: there is none yet. What cannot be read is as if it was not there; counters of reports still go up. */
export function parseMemory(text: string | undefined, now: number): Memory {
  const memory = text === undefined ? undefined : parseObject<Memory>(text)
  const isWhole = memory?.version === 1 && Number.isSafeInteger(memory.counter)
  return isWhole ? memory : { version: 1, counter: Math.floor(now / 1000) }
}

/** The number of the next report or renewal. */
export function nextCounter({ counter }: Memory, now: number): number {
  return Math.max(counter + 1, Math.floor(now / 1000))
}
