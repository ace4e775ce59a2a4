import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Catalog, type HostRecord, openCatalog } from '../../catalog/index.ts'
import {
  type Digest,
  type HostId,
  type HostReport,
  machineDigest,
  type Name,
  timestampOf,
} from '../../model/index.ts'
import type { CertifiedHost } from '../../trust/index.ts'
import { type StatementSigner, sealEnvelope, statementSignerOf } from '../../trust/pure.ts'
import type { DeparturesView } from '../departures-view.ts'
import { createReportDesk, type ReportDesk } from './report-desk.ts'

const directory = mkdtempSync(join(tmpdir(), 'reports-'))
const now = Date.UTC(2026, 10, 21, 12)
const view: DeparturesView = {
  timestamp: 1000,
  halt: 0,
  halts: undefined,
  channel: async () => ({
    departures: undefined,
    rollout: undefined,
    signers: undefined,
    attempts: new Set(['one']),
    digest: '0'.repeat(64) as Digest,
  }),
}

let catalog: Catalog
let desk: ReportDesk
let transactions = 0
let clock = 0
let broken = false

beforeAll(async () => {
  catalog = await openCatalog({ kind: 'sqlite', file: join(directory, 'catalog.sqlite') })
})
beforeEach(() => {
  transactions = 0
  desk = createReportDesk(
    {
      now: () => now,
      clock: () => clock,
      catalog: async () => ({
        ...catalog,
        async changeHosts(work) {
          transactions++
          const result = await catalog.changeHosts(work)
          if (broken) throw new Error('the answer was lost')
          return result
        },
      }),
    },
    async () => view,
  )
})
afterAll(async () => {
  await catalog.close()
  rmSync(directory, { recursive: true })
})

/** A host of its own for each test. */
interface TestHost {
  signer: StatementSigner
  record: HostRecord
  caller: CertifiedHost
}

let made = 0
async function enrolled(more: Partial<HostRecord> = {}): Promise<TestHost> {
  const signer = statementSignerOf(generateKeyPairSync('ed25519').privateKey)
  const id = (++made).toString(16).padStart(32, '0') as HostId
  const record: HostRecord = {
    id,
    public: signer.key.public,
    state: 'enrolled',
    train: 'web' as Name,
    channel: 'production' as Name,
    labels: {},
    rankGroup: id,
    counter: 1,
    machine: machineDigest(`machine ${made}`, signer.key.public),
    boots: [],
    token: 'web' as Name,
    enrolled: timestampOf(now),
    ...more,
  }
  await catalog.changeHosts(hosts => hosts.addHost(record))
  return { signer, record, caller: { host: id, public: record.public, serial: '01', validity: 'good' } }
}

function text({ signer, record }: TestHost, counter: number, more: Partial<HostReport> = {}): string {
  const report: HostReport = {
    version: 1,
    host: record.id,
    attempt: 'one',
    counter,
    kind: 'applied',
    at: timestampOf(now),
    boot: 'boot-1',
    machine: record.machine,
    ...more,
  }
  return JSON.stringify(sealEnvelope('report', report, [signer]))
}

const keptOf = ({ record }: TestHost) => catalog.readHosts(hosts => hosts.reportOf(record.id))
const hostOf = ({ record }: TestHost) => catalog.readHosts(hosts => hosts.host(record.id))

it('a report is kept once it is answered, and answered again when it comes again', async () => {
  const host = await enrolled()
  expect(await desk.report(text(host, 7), host.caller)).toEqual({ outcome: 'taken', notes: [] })
  const kept = await keptOf(host)
  expect(kept).toMatchObject({ counter: 7, seen: '20261121T120000Z', report: { kind: 'applied' } })
  expect(await desk.report(text(host, 7), host.caller)).toEqual({ outcome: 'repeated', notes: [] })
  expect(await keptOf(host)).toEqual(kept)
})

it('one of an attempt that nobody knows is kept, with a note', async () => {
  const host = await enrolled()
  const answer = await desk.report(text(host, 1, { attempt: 'two' }), host.caller)
  expect(answer.notes).toEqual(['unknown-attempt'])
  expect(await keptOf(host)).toMatchObject({ notes: ['unknown-attempt'], report: { attempt: 'two' } })
})

describe('is not taken, and changes nothing', () => {
  const refused = async (host: TestHost, sent: string, caller: CertifiedHost) => {
    await expect(desk.report(sent, caller)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await keptOf(host)).toBeUndefined()
  }

  it('one of a revoked host', async () => {
    const host = await enrolled({ state: 'revoked', why: 'stolen' })
    await refused(host, text(host, 1), host.caller)
  })

  it('one that a host sends for another', async () => {
    const [host, other] = [await enrolled(), await enrolled()]
    await refused(host, text(host, 1), other.caller)
    await refused(host, text({ ...other, record: host.record }, 1), other.caller)
  })

  it('one with another signature', async () => {
    const host = await enrolled()
    const forged = { ...host, signer: statementSignerOf(generateKeyPairSync('ed25519').privateKey) }
    await refused(host, text(forged, 1), host.caller)
    await refused(host, text(host, 1).replace('report+json', 'card+json'), host.caller)
    await refused(host, '{}', host.caller)
  })

  it('one by a certificate of the key before', async () => {
    const host = await enrolled()
    await catalog.changeHosts(hosts => hosts.changeHost({ ...host.record, public: 'f'.repeat(64) }))
    await refused(host, text(host, 1), host.caller)
  })

  it('one of a host that the yard does not know, as after its restore', async () => {
    const host = await enrolled()
    const id = 'f'.repeat(32) as HostId
    const lost = { ...host, record: { ...host.record, id } }
    await refused(lost, text(lost, 1), { ...host.caller, host: id })
  })

  it('one of 4 MiB, or one that says too much', async () => {
    const host = await enrolled()
    const take = (sent: string) => expect(desk.report(sent, host.caller)).rejects
    await take(text(host, 1).padEnd(4 * 1024 * 1024)).toMatchObject({ code: 'invalid' })
    await take(text(host, 1, { boot: 'x'.repeat(129) })).toMatchObject({ code: 'invalid' })
    expect(await keptOf(host)).toBeUndefined()
  })
})

describe('two machines with one key', () => {
  it.each<[string, Partial<HostReport>]>([
    ['the number said something else before', { kind: 'reverted' }],
    ['another machine-id', { counter: 8, machine: 'f'.repeat(64) as Digest }],
    ['it counts from an earlier number', { counter: 5, boot: 'boot-2' }],
  ])('are quarantined: %s', async (_, more) => {
    const host = await enrolled()
    await desk.report(text(host, 7), host.caller)
    await expect(desk.report(text(host, 7, more), host.caller)).rejects.toMatchObject({ code: 'refused' })
    expect(await hostOf(host)).toMatchObject({ state: 'quarantined' })
    expect(await keptOf(host)).toMatchObject({ counter: 7 })
    expect((await catalog.auditOf(host.record.id)).map(({ verb }) => verb)).toEqual(['host quarantine'])
    await expect(desk.report(text(host, 9), host.caller)).rejects.toMatchObject({ code: 'refused' })
  })

  it('are found within one transaction, too', async () => {
    const [host, other] = [await enrolled(), await enrolled()]
    const sent = [text(host, 1), text(host, 2), text(host, 2, { kind: 'well' }), text(host, 3)]
    const outcomes = await Promise.allSettled([
      ...sent.map(one => desk.report(one, host.caller)),
      desk.report(text(other, 1), other.caller),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(await keptOf(host)).toMatchObject({ counter: 2 })
    expect(await hostOf(host)).toMatchObject({ state: 'quarantined', boots: [{ first: 1, last: 2 }] })
  })
})

it('reports that come together are written together', async () => {
  const hosts = await Promise.all(Array.from({ length: 100 }, () => enrolled()))
  const answers = await Promise.all(hosts.map(host => desk.report(text(host, 1), host.caller)))
  expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(['taken']))
  expect(transactions).toBeLessThan(5)
})

it('a report whose answer was lost counts once', async () => {
  const host = await enrolled()
  broken = true
  await expect(desk.report(text(host, 1), host.caller)).rejects.toThrow('lost')
  broken = false
  expect(await desk.report(text(host, 1), host.caller)).toEqual({ outcome: 'repeated', notes: [] })
})

it('who floods the yard is not heard for a while, and others are', async () => {
  const [loud, other] = [await enrolled(), await enrolled()]
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, (_, i) => desk.report(text(loud, i + 1), loud.caller)),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(120)
  await expect(desk.report(text(loud, 999), loud.caller)).rejects.toMatchObject({ code: 'busy' })
  expect(await desk.report(text(other, 1), other.caller)).toMatchObject({ outcome: 'taken' })
  clock += 60_000
  expect(await desk.report(text(loud, 999), loud.caller)).toMatchObject({ outcome: 'taken' })
})

it('more at once than can be written soon are told to come again', async () => {
  const hosts = await Promise.all(Array.from({ length: 42 }, () => enrolled()))
  const sent = hosts.flatMap(host => Array.from({ length: 100 }, (_, i) => ({ host, counter: i + 1 })))
  const outcomes = await Promise.allSettled(
    sent.map(({ host, counter }) => desk.report(text(host, counter), host.caller)),
  )
  const busy = outcomes.filter(one => one.status === 'rejected' && one.reason.code === 'busy')
  expect(busy).toHaveLength(4_200 - 4_096)
}, 60_000)
