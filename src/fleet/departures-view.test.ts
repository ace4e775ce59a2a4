import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  type Departures,
  type Digest,
  type Name,
  type RolloutStatement,
  type Timestamp,
  timestampOf,
} from '../model/index.ts'
import { openMemoryStore } from '../store/index.ts'
import { openStatements } from '../trust/index.ts'
import { haltsText, sealEnvelope, statementSignerOf } from '../trust/pure.ts'
import { watchDepartures } from './departures-view.ts'

const { refs, locks } = openMemoryStore()
const signer = statementSignerOf(generateKeyPairSync('ed25519').privateKey)
const keys = { signers: async () => [signer], makeFirst: async () => undefined }
const statements = openStatements({ refs, locks, keys, now: Date.now })
const channel = { train: 'web' as Name, channel: 'production' as Name }
let clock = 0
let reads = 0
const look = watchDepartures({
  refs,
  clock: () => clock,
  published() {
    reads++
    return statements.published()
  },
})

async function move(attempt: string): Promise<void> {
  const release = { release: '20261120T070000Z' as Timestamp, digest: 'c'.repeat(64) as Digest }
  const at = { version: 1, ...channel, release } as const
  const departures: Departures = {
    ...at,
    floor: timestampOf(0),
    fallbacks: [],
    lifted: 0,
    moved: '20261121T070000Z' as Timestamp,
  }
  const rollout: RolloutStatement = { ...at, attempt, state: 'idle', grants: [], onStale: 'freeze' }
  await statements.publish({ departures: [departures], rollouts: [rollout] })
}

it('there is nothing before the first statement', async () => {
  const view = await look()
  expect(view).toMatchObject({ timestamp: 0, halt: 0 })
  expect(await view.channel(channel.train, channel.channel)).toMatchObject({
    rollout: undefined,
    signers: undefined,
    attempts: new Set(),
  })
})

it('what another process publishes is seen within a second, and not asked for more often', async () => {
  await move('one')
  expect((await look()).timestamp).toBe(0)
  clock += 1000
  const view = await look()
  expect(view.timestamp).toBeGreaterThan(0)
  expect(await view.channel(channel.train, channel.channel)).toMatchObject({
    rollout: { attempt: 'one' },
    signers: [signer.key.keyid],
  })
  const before = reads
  await Promise.all(Array.from({ length: 50 }, () => look()))
  clock += 1000
  expect(await look()).toBe(view)
  expect(reads).toBe(before)
})

it('is seen at once when somebody speaks of it', async () => {
  await move('between')
  const { attempts } = await (await look(true)).channel(channel.train, channel.channel)
  expect(attempts).toContain('between')
})

it('attempts are those of which hosts can still read', async () => {
  await move('two')
  clock += 1000
  const { attempts, rollout } = await (await look()).channel(channel.train, channel.channel)
  expect(rollout?.attempt).toBe('two')
  expect(attempts).toEqual(new Set(['one', 'between', 'two']))
  const other = await (await look()).channel(channel.train, 'staging' as Name)
  expect(other.attempts).toEqual(new Set())
})

it('halts are seen', async () => {
  const halt = { version: 1, number: 9, scope: [], who: 'ada', why: 'x', at: '20261121T070000Z' }
  await refs.write('departures/halt/latest.json', haltsText([sealEnvelope('halt', halt, [signer])]))
  clock += 1000
  expect(await look()).toMatchObject({ halt: 9, halts: expect.any(String) })
})

it('what cannot be read is asked for again the next time', async () => {
  const text = (await refs.read('departures/metadata/timestamp.json'))!
  await refs.write('departures/metadata/timestamp.json', '{')
  clock += 1000
  await expect(look()).rejects.toMatchObject({ code: 'damaged' })
  await refs.write('departures/metadata/timestamp.json', text)
  expect((await look()).timestamp).toBeGreaterThan(0)
})
