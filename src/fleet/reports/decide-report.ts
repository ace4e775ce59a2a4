import {
  type Digest,
  type HostId,
  type HostReport,
  millisecondsOf,
  type Timestamp,
  timestampOf,
} from '../../model/index.ts'

/** What the yard knows of the host for whom a report came, apart from its reports. */
export interface ReportingHost {
  host: HostId
  state: 'active' | 'quarantined' | 'revoked'
  /** Of the machine-id and the host's id, at enrolment. */
  machine: Digest
}

/** What is remembered of a host's reports so that none counts twice and no two machines pass for one. */
export interface ReportMemory {
  /** The highest counter that was taken; 0: none was. */
  counter: number
  /** Which counters each boot of the host has used; the newest last. */
  boots: { boot: string; first: number; last: number }[]
  /** The reports taken last, by the beginnings of their digests; the newest last. */
  recent: { counter: number; digest: string }[]
}

export const noMemory: ReportMemory = { counter: 0, boots: [], recent: [] }

/** How many boots and reports are remembered; with them a host's row stays under 1 KiB. */
const [mostBoots, mostRecent] = [4, 8]

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
  | { outcome: 'taken'; memory: ReportMemory; seen: Timestamp; notes: ReportNote[] }
  | { outcome: 'repeated' }
  | { outcome: 'refused'; word: 'another-host' | 'revoked' | 'quarantined'; sentence: string }
  | { outcome: 'forked'; sentence: string }

/** Beyond so many seconds the clock of a host is noted as wrong. */
const tolerance = 300

/**
 * What a report changes. Its signature was verified with the host's key. A host numbers its reports upwards over all of its boots
 * and sends them in that order; it may repeat and it may drop some. So a number that comes back with other words, or an
 * earlier boot that speaks again, is a second machine: a clone, or one that was restored beside the first.
 * @param digest of the payload that was signed.
 */
export function decideReport(
  known: ReportingHost,
  memory: ReportMemory,
  report: HostReport,
  digest: Digest,
  yard: YardFacts,
): ReportDecision {
  const { host, state, machine } = known
  if (report.host !== host)
    return {
      outcome: 'refused',
      word: 'another-host',
      sentence: `host ${host} may not report for ${report.host}`,
    }
  if (state !== 'active')
    return { outcome: 'refused', word: state, sentence: `host ${host} is ${state}: its reports do not count` }
  if (report.machine !== machine)
    return {
      outcome: 'forked',
      sentence: `host ${host} reports from a machine other than the one that was enrolled`,
    }
  const { counter, boot } = report
  const short = digest.slice(0, 16)
  const used = memory.boots.find(one => one.boot === boot)
  if (counter <= memory.counter) {
    const same = memory.recent.find(one => one.counter === counter)
    if (same !== undefined && same.digest !== short)
      return { outcome: 'forked', sentence: `host ${host} said two things in its report ${counter}` }
    const isOld = used !== undefined && counter >= used.first && counter <= used.last
    if (same !== undefined || isOld) return { outcome: 'repeated' }
    return {
      outcome: 'forked',
      sentence: `host ${host} counts its reports from ${counter} again, though it was at ${memory.counter}`,
    }
  }
  if (used !== undefined && used !== memory.boots.at(-1))
    return { outcome: 'forked', sentence: `host ${host} reports from two boots in turn` }
  return {
    outcome: 'taken',
    memory: remembering(memory, report, short),
    seen: timestampOf(yard.now),
    notes: notesOn(report, yard),
  }
}

function remembering(memory: ReportMemory, { counter, boot }: HostReport, digest: string): ReportMemory {
  const newest = memory.boots.at(-1)
  const boots =
    newest?.boot === boot
      ? [...memory.boots.slice(0, -1), { ...newest, last: counter }]
      : [...memory.boots, { boot, first: counter, last: counter }]
  return {
    counter,
    boots: boots.slice(-mostBoots),
    recent: [...memory.recent, { counter, digest }].slice(-mostRecent),
  }
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
