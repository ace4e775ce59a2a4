import { join } from 'node:path'
import type { HostReport, ReportKind } from '../model/index.ts'
import { isYardError, timestampOf } from '../model/index.ts'
import { type Envelope, type StatementSigner, sealEnvelope, type Trusted } from '../trust/pure.ts'
import { readText } from './host/agent-files.ts'
import type { ClockReading } from './host/clock.ts'
import { namesIn, removePath, replaceFile } from './host/disk.ts'
import type { Layout } from './host/layout.ts'
import type { Identity } from './identity.ts'
import type { Judgement } from './judgement.ts'
import { isAlarming } from './judgement.ts'
import { type Memory, nextCounter } from './memory.ts'
import type { YardServer } from './places/place.ts'
import { askYard } from './yard-client.ts'

/** A sign of life at least so often, in milliseconds of CLOCK_BOOTTIME: a little less than the timer's day. */
const lifeSign = 20 * 3_600_000

/** Reports that wait for a server that is away. Of more, the oldest are dropped: the newest says how things are. */
const mostWaiting = 64

const maximumReportBytes = 4096

/** What a report would say of how things are. */
export interface Finding {
  kind: Extract<ReportKind, 'alive' | 'refused'>
  reason: { word: string; sentence: string }
}

/** `refused`: something was shown that this host did not believe, or it refuses to act at all. Otherwise a sign of life. */
export function findingOf({ word, sentence }: Judgement, { check }: Memory): Finding {
  const alarm = check?.places.find(isAlarming)
  if (alarm !== undefined)
    return { kind: 'refused', reason: { word: alarm.finding, sentence: alarm.sentence ?? alarm.url } }
  const server = check?.server
  if (server?.finding === 'distrusted')
    return { kind: 'refused', reason: { word: 'card-distrusted', sentence: server.sentence } }
  return { kind: refusals.includes(word) ? 'refused' : 'alive', reason: { word, sentence } }
}

const refusals = [
  'cloned',
  'clock-suspect',
  'stale',
  'unsigned-release',
  'below-floor',
  'contradiction',
  'other-channel',
]

/** Whether it has to be said now: it is something else than was said last, this is another boot, or a day has passed. */
export function isReportDue(
  { reason }: Finding,
  { reported }: Memory,
  { boot, uptime }: ClockReading,
): boolean {
  return (
    reported === undefined ||
    reported.word !== reason.word ||
    reported.boot !== boot ||
    uptime - reported.uptime >= lifeSign
  )
}

export interface ReportParts {
  identity: Identity
  machine: HostReport['machine']
  trusted: Trusted | undefined
  memory: Memory
  clock: ClockReading
  says: { [fact: string]: string }
}

/** @returns the report, and the memory in which its number is used up: to be kept before the report is. */
export function reportOf(
  { kind, reason }: Finding,
  { identity, machine, trusted, memory, clock, says }: ReportParts,
): { report: HostReport; memory: Memory } {
  const counter = nextCounter(memory, clock.now)
  const { boot, uptime } = clock
  const report: HostReport = {
    version: 1,
    host: identity.host,
    attempt: '',
    counter,
    kind,
    at: timestampOf(clock.now),
    boot,
    machine,
    ...(trusted?.standing && { departures: trusted.standing.timestamp }),
    ...(trusted?.halt && { halt: trusted.halt.halt.number }),
    reason: { word: reason.word, sentence: oneLine(reason.sentence) },
    facts: says,
  }
  return { report, memory: { ...memory, counter, reported: { word: reason.word, boot, uptime } } }
}

/** Signs a report and leaves it for delivery. It has its number, so it can be sent twice and counts once. */
export function queueReport({ outbox }: Layout, report: HostReport, signer: StatementSigner): void {
  const envelope: Envelope = sealEnvelope('report', report, [signer])
  replaceFile(join(outbox, `${String(report.counter).padStart(16, '0')}.json`), JSON.stringify(envelope))
  const waiting = waitingReports({ outbox })
  for (const name of waiting.slice(0, Math.max(0, waiting.length - mostWaiting)))
    removePath(join(outbox, name))
}

/**
 * Hands waiting reports to the server, oldest first, until one cannot be delivered. What the server refuses to take is dropped: it
 * would refuse it again.
 * @returns what the server said to the last one, where it was not yes.
 */
export async function deliverReports(
  { outbox }: Pick<Layout, 'outbox'>,
  server: YardServer,
): Promise<unknown> {
  let refusal: unknown
  for (const name of waitingReports({ outbox })) {
    const file = join(outbox, name)
    const body = readText(file, 2 * maximumReportBytes)
    try {
      if (body !== undefined && body !== '')
        await askYard(server, { path: '/hosts/v1/reports', method: 'POST', body, maximum: 64 * 1024 })
      refusal = undefined
    } catch (error) {
      if (!isYardError(error, 'refused')) return error
      refusal = error
    }
    removePath(file)
  }
  return refusal
}

/** Names of the reports that were not delivered yet, oldest first. */
export function waitingReports({ outbox }: Pick<Layout, 'outbox'>): string[] {
  return namesIn(outbox).filter(name => /^\d{16}\.json$/.test(name))
}

/** As a report's sentence may be: one line of at most 500 characters. */
function oneLine(sentence: string): string {
  return sentence.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').slice(0, 500)
}
