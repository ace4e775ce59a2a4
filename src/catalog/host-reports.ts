import type { HostId, HostReport, Labels, NamedRelease, Timestamp } from '../model/index.ts'
import type { BootRun, HostRecord } from './hosts.ts'

/** What a host said last. */
export interface KeptReport {
  host: HostId
  /** The number of its report: the highest that was taken. */
  counter: number
  /** The reports taken last, by the beginnings of their digests; the newest last. */
  recent: { counter: number; digest: string }[]
  /** When it came, by the clock of the yard. */
  seen: Timestamp
  /** What somebody should know who looks at the host, one word each. */
  notes: string[]
  report: HostReport
}

/** What is asked of a host before a report of it is decided. */
export interface ReportingHost {
  host: HostRecord
  kept?: Pick<KeptReport, 'counter' | 'recent'>
}

export interface NewReport extends KeptReport {
  /** Takes the place of what the host's record has. */
  boots: BootRun[]
}

/** What a host's card says beside channel, labels and rank group. */
export interface CardNotes {
  hold?: { who: string; why: string; until?: Timestamp }
  entitlements: string[]
  borrowing?: { release: NamedRelease; who: string; until: Timestamp }
  /** What its labels and rank group were before, until when; the latest last. */
  before: { labels: Labels; rankGroup: string; until: Timestamp }[]
}
