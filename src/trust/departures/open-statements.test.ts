import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  canonicalJson,
  type Departures,
  type Digest,
  type Json,
  type Name,
  type NamedRelease,
  type ReleaseStatement,
  type RolloutStatement,
  timestampOf,
} from '../../model/index.ts'
import { openMemoryStore } from '../../store/index.ts'
import { targetOf } from '../statements/layout.ts'
import { type StatementSigner, statementSignerOf } from '../statements/statement-key.ts'
import { type Follower, follow } from './follower.fixture.ts'
import { openStatements, type Statements } from './open-statements.ts'

const signer = () => statementSignerOf(generateKeyPairSync('ed25519').privateKey)
const solo = signer()
const start = Date.UTC(2026, 10, 21, 7)
const [web, dev] = ['web', 'dev'] as [Name, Name]

let store: ReturnType<typeof openMemoryStore>
let statements: Statements
let atHand: StatementSigner[]
const followers: Follower[] = []

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  store = openMemoryStore()
  atHand = []
  const keys = {
    signers: async () => atHand,
    makeFirst: async () => {
      atHand = [solo]
    },
  }
  statements = openStatements({ ...store, keys, now: Date.now })
})
afterEach(() => {
  vi.useRealTimers()
  for (const follower of followers.splice(0)) follower.close()
})

function release(minute: number): ReleaseStatement {
  return { version: 1, train: web, release: timestampOf(start + minute * 60_000), repositories: {} }
}

function named(minute: number): NamedRelease {
  return { release: release(minute).release, digest: 'a'.repeat(64) as Digest }
}

function departures(channel: Name, minute: number): Departures {
  const { release } = named(minute)
  return {
    version: 1,
    train: web,
    channel,
    release: named(minute),
    floor: release,
    fallbacks: [],
    lifted: 0,
    moved: timestampOf(Date.now()),
  }
}

function rollout(channel: Name, minute: number, state: RolloutStatement['state'] = 'idle'): RolloutStatement {
  const attempt = `${channel}-${minute}`
  return {
    version: 1,
    train: web,
    channel,
    release: named(minute),
    attempt,
    state,
    grants: [],
    onStale: 'freeze',
  }
}

const textOf = (statement: object) => canonicalJson(statement as unknown as Json)

async function newFollower(): Promise<Follower> {
  const follower = follow(store.refs, (await statements.root()).text)
  followers.push(follower)
  return follower
}

describe('the statements of a yard', () => {
  it('begin with a root whose one key holds all roles', async () => {
    const { version, text } = await statements.root()
    expect(version).toBe(1)
    expect((await statements.root()).text).toBe(text)
    expect(await statements.state()).toMatchObject({ root: { version: 1 }, isSolo: true, staged: [] })
    expect(await (await newFollower()).read('channels/web/dev.json')).toBeUndefined()
  })

  it('are read by another implementation, each by the role that owns its path', async () => {
    const follower = await newFollower()
    const [stated, left, granted] = [release(0), departures(dev, 0), rollout(dev, 0)]
    expect(
      await statements.publish({ releases: [stated], departures: [left], rollouts: [granted] }),
    ).toMatchObject({ published: { departures: [left] } })
    expect(await follower.read(targetOf.release(web, stated.release))).toBe(textOf(stated))
    expect(await follower.read(targetOf.departures(web, dev))).toBe(textOf(left))
    expect(await follower.read(targetOf.rollout(web, dev))).toBe(textOf(granted))
    const again = departures(dev, 5)
    await statements.publish({ departures: [again] })
    for (const reader of [follower, await newFollower()])
      expect(await reader.read(targetOf.departures(web, dev))).toBe(textOf(again))
  })

  it('that are published already are not published again', async () => {
    const edits = { releases: [release(0)], departures: [departures(dev, 0)], rollouts: [rollout(dev, 0)] }
    await statements.publish(edits)
    vi.setSystemTime(start + 60_000)
    expect(await statements.publish(edits)).toEqual({})
  })
})
