import { type Beliefs, findNews } from './find-news.ts'
import { freshnessNow } from './freshness.ts'
import { loadCard, loadMemory, loadTrusted, saveMemory } from './host/agent-files.ts'
import type { MachineClock } from './host/clock.ts'
import type { Layout } from './host/layout.ts'
import { takeLock } from './host/lock.ts'
import { readFacts } from './host/machine.ts'
import { type Inbox, openInbox } from './inbox.ts'
import { type Judgement, judge } from './judgement.ts'
import type { Memory } from './memory.ts'
import { isRenewalDue, renew } from './renew.ts'
import { deliverReports, findingOf, isReportDue, queueReport, reportOf } from './reports.ts'
import { readSelf, type Self } from './self.ts'
import { connectToYard } from './yard-client.ts'

export interface CheckResult {
  judgement: Judgement
  memory: Memory
}

/** So long whoever comes second waits for the first, in milliseconds. */
const lockPatience = 5 * 60_000

/**
 * Asks every place for news, keeps what can be verified, says whether the host may move, and tells the server. What lay in the inbox is
 * gone when this returns or throws, or systemd would start it again at once, and again.
 * @returns undefined when the host is not enrolled.
 * @throws YardError of the disk or of what lies on it; what was trusted before stays.
 */
export async function check(layout: Layout, clock: MachineClock): Promise<CheckResult | undefined> {
  const release = takeLock(layout.lock, lockPatience)
  try {
    const inbox = openInbox(layout)
    try {
      const self = readSelf(layout, clock)
      return self && (await checkAs(self, inbox))
    } finally {
      inbox.empty()
    }
  } finally {
    release()
  }
}

async function checkAs(self: Self, inbox: Inbox): Promise<CheckResult> {
  const { layout, identity, machine, clock } = self
  const before: Beliefs = {
    trusted: loadTrusted(layout, identity),
    card: loadCard(layout),
    memory: loadMemory(layout, clock.now),
  }
  // A copy of the host asks for nothing: what it would get belongs to the other.
  if (machine !== identity.machine) return tell(self, { ...before, memory: withoutCheck(before.memory) })
  // With a certificate that has expired nothing else is answered, so that comes first.
  if (!isRenewalDue(identity, clock.now)) return tell(self, before, inbox)
  const renewed = await renew(self, before.memory, freshnessOf(self, before) !== 'fresh')
  return tell({ ...self, identity: renewed.identity }, { ...before, memory: renewed.memory }, inbox)
}

/** @param inbox undefined: nobody is asked for news. */
async function tell(self: Self, before: Beliefs, inbox?: Inbox): Promise<CheckResult> {
  const { layout, settings, identity, key } = self
  const server = connectToYard(identity, key.pem, settings.limits)
  try {
    const beliefs = inbox === undefined ? before : await findNews(self, inbox, server, before)
    const judgement = judge(factsOf(self, beliefs))
    const memory = report(self, beliefs, judgement)
    await deliverReports(layout, server)
    return { judgement, memory }
  } finally {
    server.connection.close()
  }
}

function factsOf(self: Self, beliefs: Beliefs) {
  const { identity, machine, layout, clock } = self
  return {
    ...beliefs,
    identity,
    isSameMachine: machine === identity.machine,
    freshness: freshnessOf(self, beliefs) ?? 'fresh',
    says: readFacts(layout),
    now: clock.now,
  }
}

/** Undefined: there are no statements. */
function freshnessOf({ clock, isSynchronised }: Self, { trusted: { standing }, memory }: Beliefs) {
  return standing && freshnessNow(standing, memory, clock, isSynchronised)
}

/** Memory is on the disk before the report is, so that no number is used twice. */
function report(self: Self, { trusted, memory }: Beliefs, judgement: Judgement): Memory {
  const { layout, identity, machine, clock, key } = self
  const finding = findingOf(judgement, memory)
  if (!isReportDue(finding, memory, clock)) {
    saveMemory(layout, memory)
    return memory
  }
  const made = reportOf(finding, { identity, machine, trusted, memory, clock, says: readFacts(layout) })
  saveMemory(layout, made.memory)
  queueReport(layout, made.report, key.signer)
  return made.memory
}

function withoutCheck({ check: _, ...memory }: Memory): Memory {
  return memory
}
