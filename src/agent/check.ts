import { type Digest, machineDigest, YardError } from '../model/index.ts'
import { findNews, type News } from './find-news.ts'
import { freshnessNow } from './freshness.ts'
import {
  loadCard,
  loadIdentity,
  loadMemory,
  loadSettings,
  loadTrusted,
  saveMemory,
} from './host/agent-files.ts'
import type { MachineClock } from './host/clock.ts'
import type { Layout } from './host/layout.ts'
import { takeLock } from './host/lock.ts'
import { readFacts, readMachineId } from './host/machine.ts'
import { loadKey } from './host/own-key.ts'
import type { Identity } from './identity.ts'
import { type Inbox, openInbox } from './inbox.ts'
import { type Judgement, judge } from './judgement.ts'
import type { Memory } from './memory.ts'
import { isRenewalDue, renew } from './renew.ts'
import { deliverReports, findingOf, isReportDue, queueReport, reportOf } from './reports.ts'
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
export async function check(layout: Layout, machineClock: MachineClock): Promise<CheckResult | undefined> {
  const release = takeLock(layout.lock, lockPatience)
  try {
    const inbox = openInbox(layout)
    try {
      const identity = loadIdentity(layout)
      return identity && (await checkAs(identity, inbox, layout, machineClock))
    } finally {
      inbox.empty()
    }
  } finally {
    release()
  }
}

async function checkAs(
  identity: Identity,
  inbox: Inbox,
  layout: Layout,
  { read, isSynchronised }: MachineClock,
): Promise<CheckResult> {
  const clock = read()
  const settings = loadSettings(layout)
  const key = loadKey(layout)
  if (key === undefined)
    throw new YardError('damaged', `${layout.key} is gone: this host can prove no more who it is`, {
      hint: 'run switchyard-agent leave, and enrol it again with a new token',
    })
  const { signer } = key
  const machine: Digest = machineDigest(readMachineId(layout), signer.key.public)
  const isSameMachine = machine === identity.machine
  const server = connectToYard(identity, key.pem, settings.limits)
  try {
    const before = loadMemory(layout, clock.now)
    const news = isSameMachine
      ? await findNews({ identity, inbox, layout, settings, server, clock, isSynchronised }, before)
      : standstill(layout, identity, before)
    const { trusted, card } = news
    const freshness =
      trusted.standing === undefined
        ? 'fresh'
        : freshnessNow(trusted.standing, news.memory, clock, isSynchronised)
    const says = readFacts(layout)
    const judgement = judge({
      identity,
      isSameMachine,
      trusted,
      card,
      freshness,
      memory: news.memory,
      says,
      now: clock.now,
    })

    const finding = findingOf(judgement, news.memory)
    let { memory } = news
    if (isReportDue(finding, memory, clock)) {
      const made = reportOf(finding, { identity, machine, trusted, memory, clock, says })
      memory = made.memory
      saveMemory(layout, memory)
      queueReport(layout, made.report, signer)
    } else saveMemory(layout, memory)
    await deliverReports(layout, server)
    if (isSameMachine && isRenewalDue(identity, clock.now))
      memory = await renew({
        identity,
        machine,
        memory,
        clock,
        layout,
        server,
        signer,
        late: freshness !== 'fresh',
      })
    return { judgement, memory }
  } finally {
    server.connection.close()
  }
}

/** A copy of the host asks for nothing and changes nothing: what it would take belongs to the other. */
function standstill(layout: Layout, identity: Identity, before: Memory): News {
  const { check: _, ...memory } = before
  return { trusted: loadTrusted(layout, identity), card: loadCard(layout), memory }
}
