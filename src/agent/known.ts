import { machineDigest } from '../model/index.ts'
import type { Freshness, Trusted } from '../trust/pure.ts'
import { freshnessNow } from './freshness.ts'
import { loadCard, loadIdentity, loadMemory, loadTrusted } from './host/agent-files.ts'
import type { MachineClock } from './host/clock.ts'
import type { Layout } from './host/layout.ts'
import { readFacts, readMachineId } from './host/machine.ts'
import { loadKey } from './host/own-key.ts'
import type { Facts } from './judgement.ts'
import { waitingReports } from './reports.ts'

/** All that the host knows without asking anybody. */
export interface Known extends Facts {
  /** Reports that nobody took yet. */
  waiting: number
}

/** @throws YardError `damaged`, or of the disk. */
export function readKnown(layout: Layout, { read, isSynchronised }: MachineClock): Known {
  const clock = read()
  const identity = loadIdentity(layout)
  const memory = loadMemory(layout, clock.now)
  const trusted = identity && loadTrusted(layout, identity)
  const key = identity && loadKey(layout)
  return {
    identity,
    isSameMachine:
      key !== undefined && machineDigest(readMachineId(layout), key.signer.key.public) === identity?.machine,
    trusted,
    freshness: freshnessOfTrust(trusted),
    card: loadCard(layout),
    memory,
    says: readFacts(layout),
    now: clock.now,
    waiting: waitingReports(layout).length,
  }

  function freshnessOfTrust(trusted: Trusted | undefined): Freshness {
    return trusted?.standing === undefined
      ? 'fresh'
      : freshnessNow(trusted.standing, memory, clock, isSynchronised)
  }
}
