import type { HostRecord } from '../../catalog/index.ts'
import { type HostReport, millisecondsOf, type Timestamp, timestampOf } from '../../model/index.ts'
import { withBoot } from './boots.ts'

/** What the yard knows of the host from which a report came, apart from its reports. */
export type Reporter = Pick<HostRecord, 'id' | 'state' | 'machine' | 'boots'>

/** What is remembered of a host's reports so that none counts twice. */
export interface ReportMemory {
  /** The highest number of a report that was taken; 0: none was. */
  counter: number
  /** The reports taken last, by the beginnings of their digests; the newest last. */
  recent: { counter: number; digest: string }[]
}

export const noMemory: ReportMemory = { counter: 0, recent: [] }

const mostRecent = 8

/** What the yard knows on its side. */
export interface YardFacts {
  /** Whether the host's channel had such an attempt. */
  isAttempt(attempt: string): boolean
  /** Version of the newest timestamp that the yard published, and the highest halt that it has. */
  departures: number
  halt: number
  /** Milliseconds since the epoch. */
  now: number
}

/** What somebody should know who looks at the host. */
export const reportNotes = ['unknown-attempt', 'ahead-of-yard', 'halt-unknown-here', 'clock-wrong'] as const
export type ReportNote = (typeof reportNotes)[number]

/**
 * `taken`: it is new, and counts. `repeated`: it was taken before; nothing changes. `refused`: whoever sent it has no say. `forked`: two
 * machines speak with the host's key, so neither is believed: quarantine.
 */
export type ReportDecision =
  | {
      outcome: 'taken'
      memory: ReportMemory
      boots: Reporter['boots']
      seen: Timestamp
      notes: ReportNote[]
    }
  | { outcome: 'repeated' }
  | { outcome: 'refused'; word: 'another-host' | 'revoked' | 'quarantined'; sentence: string }
  | { outcome: 'forked'; why: string }

/** Beyond so many seconds the clock of a host is noted as wrong. */
const tolerance = 300

/**
 * What a report changes. Its signature was verified with the host's key. A host numbers what it says upwards over all of its
 * boots and sends its reports in that order; it may repeat and it may drop some. So a number that comes back with other
 * words, or an earlier boot that speaks again, is a second machine: a clone, or one that was restored beside the first.
 * @param digest of its text.
 */
export function decideReport(
  known: Reporter,
  remembered: ReportMemory,
  report: HostReport,
  digest: string,
  yard: YardFacts,
): ReportDecision {
  const { id, state, machine } = known
  if (report.host !== id)
    return {
      outcome: 'refused',
      word: 'another-host',
      sentence: `host ${id} may not report for ${report.host}`,
    }
  if (state !== 'enrolled')
    return { outcome: 'refused', word: state, sentence: `host ${id} is ${state}: its reports do not count` }
  if (report.machine !== machine) return forked('it reports from a machine other than the one that enrolled')
  // When somebody had looked at the host, or it enrolled anew, it begins anew.
  const memory = known.boots.length === 0 ? noMemory : remembered
  const { counter, boot } = report
  const short = digest.slice(0, 16)
  if (counter <= memory.counter) {
    const same = memory.recent.find(one => one.counter === counter)
    if (same !== undefined && same.digest !== short)
      return forked(`it said two things in its report ${counter}`)
    const run = known.boots.find(one => one.boot === boot)
    const isOld = run !== undefined && counter >= run.first && counter <= run.last
    if (same !== undefined || isOld) return { outcome: 'repeated' }
    return forked(`it counts its reports from ${counter} again, though it was at ${memory.counter}`)
  }
  const boots = withBoot(known.boots, boot, counter)
  if (boots === undefined) return forked('it reports from two boots in turn')
  return {
    outcome: 'taken',
    memory: { counter, recent: [...memory.recent, { counter, digest: short }].slice(-mostRecent) },
    boots,
    seen: timestampOf(yard.now),
    notes: notesOn(report, yard),
  }
}

function forked(why: string): ReportDecision {
  return { outcome: 'forked', why }
}

function notesOn(report: HostReport, yard: YardFacts): ReportNote[] {
  const skew = Math.abs(millisecondsOf(report.at) - yard.now) / 1000
  const holds: Record<ReportNote, boolean> = {
    'unknown-attempt': report.attempt !== '' && !yard.isAttempt(report.attempt),
    'ahead-of-yard': (report.departures ?? 0) > yard.departures,
    'halt-unknown-here': (report.halt ?? 0) > yard.halt,
    'clock-wrong': skew > tolerance,
  }
  return reportNotes.filter(note => holds[note])
}
