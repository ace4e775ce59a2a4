import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { canonicalJson, type Digest, type Name, type Timestamp, timestampOf } from '../../model/index.ts'
import { trainRefs } from '../../repository/index.ts'
import { openMemoryStore } from '../../store/index.ts'
import { openStatements, type Statements } from '../../trust/index.ts'
import { statementSignerOf } from '../../trust/pure.ts'
import type { TrainContext } from '../context.ts'
import { departuresTo, noFloor, rolloutOf } from './channel-statements.ts'
import { refreshStatements } from './refresh-statements.ts'

const start = Date.UTC(2026, 10, 21, 7)
const web = { train: 'web' as Name, channel: 'production' as Name }
const [first, second, third] = [1, 2, 3].map(minute => timestampOf(start + minute * 60_000)) as [
  Timestamp,
  Timestamp,
  Timestamp,
]
const signer = statementSignerOf(generateKeyPairSync('ed25519').privateKey)

let store: ReturnType<typeof openMemoryStore>
let statements: Statements
let context: TrainContext
let now: number
beforeEach(() => {
  now = start
  store = openMemoryStore()
  const keys = { signers: async () => [signer], makeFirst: async () => undefined }
  statements = openStatements({ ...store, keys, now: () => now })
  context = { ...store, statements, catalog: async () => ({}) } as unknown as TrainContext
})

/** The yard's production is at the second release, to which hosts came from the first. */
async function told(...releases: Timestamp[]): Promise<void> {
  const digest = 'a'.repeat(64) as Digest
  const departures = departuresTo(
    {
      ...web,
      release: { release: second, digest },
      fallbacks: [{ release: first, digest }],
      floor: noFloor,
      moved: second,
    },
    undefined,
  )
  await statements.publish({
    releases: releases.map(release => ({ version: 1, train: web.train, release, repositories: {} })),
    departures: [departures],
    rollouts: [rolloutOf(departures)],
  })
  const record = { version: 1, ...web, release: second, history: [{ release: second, moved: second }] }
  await store.refs.write(trainRefs.channel(web.train, web.channel), canonicalJson(record))
}

const known = async () =>
  Promise.all(
    [first, second, third].map(async one => (await statements.release(web.train, one)) !== undefined),
  )

describe('a refresh', () => {
  it('tells nothing for a yard whose channels were never moved, and makes no key', async () => {
    await refreshStatements(context)
    expect(await store.refs.list('departures')).toEqual([])
  })

  it('forgets releases that are gone, but for those that a channel names', async () => {
    await told(first, second, third)
    await refreshStatements(context)
    expect(await known()).toEqual([true, true, false])
  })

  it('signs nothing again that is young, and all of it on demand', async () => {
    await told(first, second)
    const version = async () => (await statements.published())!.timestamp!.signed.version
    const before = await version()
    now += 3_600_000
    await refreshStatements(context)
    expect(await version()).toBe(before)
    await refreshStatements(context, { all: true })
    expect(await version()).toBeGreaterThan(before)
  })

  it.each(['{"x":1}', 'null', '{"signed":nul'])('says that %j is no timestamp', async text => {
    await told(first, second)
    await store.refs.write('departures/metadata/timestamp.json', text)
    await expect(refreshStatements(context)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(/timestamp\.json is damaged/),
    })
  })

  it('names what failed, and does the rest', async () => {
    await told(first, second, third)
    await store.refs.write(trainRefs.channel(web.train, 'staging' as Name), 'half a fi')
    await expect(refreshStatements(context)).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringMatching(/channels\/staging\.json is damaged/),
    })
    expect(await known()).toEqual([true, true, false])
  })
})
