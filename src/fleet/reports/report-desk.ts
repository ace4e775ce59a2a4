import type { HostRecord, HostWrites, NewReport, ReportingHost } from '../../catalog/index.ts'
import {
  canonicalJson,
  digestOf,
  type HostId,
  type HostReport,
  isYardError,
  type Json,
  YardError,
} from '../../model/index.ts'
import type { CertifiedHost } from '../../trust/index.ts'
import { openEnvelope, type StatementKey, statementKeyOf } from '../../trust/pure.ts'
import type { FleetContext } from '../context.ts'
import type { ChannelView, DeparturesView, LookAtDepartures } from '../departures-view.ts'
import { quarantinedError } from '../enrol/decide-enrolment.ts'
import { callerFault } from '../enrol/decide-renewal.ts'
import { quarantineHost } from '../enrol/quarantine.ts'
import { inBatches } from '../in-batches.ts'
import { createAllowance } from './allowance.ts'
import { decideReport, noMemory, type ReportNote } from './decide-report.ts'
import { maximumReportBytes, readReport } from './read-report.ts'

/** What is said back to a host whose report counts, or did before. */
export interface ReportAnswer {
  outcome: 'taken' | 'repeated'
  notes: ReportNote[]
}

/** Where hosts say how they are. */
export interface ReportDesk {
  /**
   * Takes a report. It is verified at once; those that come in the same moments are decided and written in one transaction, and are
   * durable when they are answered.
   * @param text the envelope.
   * @param caller who the certificate of the connection proves that it is.
   * @throws YardError `invalid`: no report can be read from it; `forbidden`, `refused`: the caller has no say, or not in this;
   *   `busy`: too many at once; what the catalog throws. After the last two it is sent again.
   */
  report(text: string, caller: CertifiedHost): Promise<ReportAnswer>
}

/** Reports of one transaction, and those that may wait for one: together a few seconds of work. */
const [mostTogether, mostWaiting] = [512, 4096]

interface Asked {
  caller: CertifiedHost
  report: HostReport
  digest: string
}

type DeskContext = Pick<FleetContext, 'catalog' | 'now' | 'clock'>
type Outcome = ReportAnswer | { error: YardError }

/** @param departures what hosts can read of statements now. */
export function createReportDesk(context: DeskContext, departures: LookAtDepartures): ReportDesk {
  const decide = inBatches<Asked, Outcome>(mostTogether, asked => decideTogether(context, departures, asked))
  const allowance = createAllowance(context.clock)
  const keyOf = rememberedKeys()
  let waiting = 0
  return {
    async report(text, caller) {
      // Signatures cost the most of it, so a flood ends before.
      if (!allowance.take(caller.host)) throw tooMany(`the host ${caller.host} reports too often`)
      if (waiting >= mostWaiting) throw tooMany('more hosts report than the yard can hear at the moment')
      const asked = opened(text, caller, keyOf(caller))
      waiting++
      try {
        const outcome = await decide(asked)
        if ('error' in outcome) throw outcome.error
        return outcome
      } finally {
        waiting--
      }
    },
  }
}

/** The key of a caller, made once for all that it says over one connection. */
function rememberedKeys(): (caller: CertifiedHost) => StatementKey {
  const known = new WeakMap<CertifiedHost, StatementKey>()
  return caller => {
    const key = known.get(caller) ?? statementKeyOf(caller.public)
    known.set(caller, key)
    return key
  }
}

/** What the host says, once it is certain that it does. */
function opened(text: string, caller: CertifiedHost, key: StatementKey): Asked {
  if (text.length > maximumReportBytes)
    throw new YardError('invalid', `a report has ${maximumReportBytes} bytes at most; nothing was changed`)
  const object = `the report of the host ${caller.host}`
  const trust = { keys: [key], threshold: 1, object }
  try {
    const report = readReport(openEnvelope('report', text, trust))
    return { caller, report, digest: digestOf(Buffer.from(canonicalJson(report as unknown as Json))) }
  } catch (error) {
    // It is no fault of an upstream.
    throw isYardError(error, 'untrusted') ? new YardError('forbidden', error.message) : error
  }
}

/** One transaction: what one of them is refused for keeps the others from nothing. */
async function decideTogether(
  context: DeskContext,
  departures: LookAtDepartures,
  asked: readonly Asked[],
): Promise<Outcome[]> {
  const look = lookFor(departures, await departures())
  return (await context.catalog()).changeHosts(async hosts => {
    const known = await hosts.reporting(asked.map(({ caller }) => caller.host))
    const kept = new Map<HostId, NewReport>()
    const outcomes: Outcome[] = []
    for (const one of asked)
      outcomes.push(await decideOne(context, look, hosts, kept, one, known.get(one.caller.host)))
    if (kept.size > 0) await hosts.keepReports([...kept.values()])
    return outcomes
  })
}

type Look = (host: HostRecord, report: HostReport) => Promise<{ view: DeparturesView; at: ChannelView }>

/** What hosts can read; asked for anew, once, when one has read what the yard has not seen yet. */
function lookFor(departures: LookAtDepartures, known: DeparturesView): Look {
  let [view, isNew] = [known, false]
  return async ({ train, channel }, report) => {
    const at = await view.channel(train, channel)
    const isKnown = report.attempt === '' || at.attempts.has(report.attempt)
    if (isNew || (isKnown && (report.departures ?? 0) <= view.timestamp)) return { view, at }
    ;[view, isNew] = [await departures(true), true]
    return { view, at: await view.channel(train, channel) }
  }
}

/** @param known of the caller; further reports of the same transaction are decided by what becomes of it. */
async function decideOne(
  context: DeskContext,
  look: Look,
  hosts: HostWrites,
  kept: Map<HostId, NewReport>,
  { caller, report, digest }: Asked,
  known: ReportingHost | undefined,
): Promise<Outcome> {
  const fault = callerFault(caller, known?.host)
  if (fault !== undefined) return { error: fault }
  const { host, kept: memory = noMemory } = known!
  if (host.state === 'quarantined') return { error: quarantinedError(host) }
  const { view, at } = await look(host, report)
  const decision = decideReport(host, memory, report, digest, {
    isAttempt: attempt => at.attempts.has(attempt),
    departures: view.timestamp,
    halt: view.halt,
    now: context.now(),
  })
  switch (decision.outcome) {
    case 'repeated':
      return { outcome: 'repeated', notes: [] }
    case 'refused':
      return { error: new YardError('forbidden', `${decision.sentence}; nothing was changed`) }
    case 'forked': {
      const cause = { why: decision.why, who: 'switchyard', via: 'api' } as const
      known!.host = await quarantineHost(hosts, host, cause, context.now())
      return { error: quarantinedError(known!.host) }
    }
    case 'taken': {
      const { memory, boots, seen, notes } = decision
      known!.kept = memory
      known!.host = { ...host, boots }
      kept.set(host.id, { host: host.id, ...memory, seen, notes, report, boots })
      return { outcome: 'taken', notes }
    }
  }
}

function tooMany(why: string): YardError {
  return new YardError('busy', `${why}; the report was not taken`, { hint: 'send it again a little later' })
}
