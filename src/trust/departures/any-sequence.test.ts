import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Name, rolloutStates } from '../../model/index.ts'
import { roleOf, targetOf } from '../statements/layout.ts'
import { type Advance, advance, type Trusted } from '../statements/verify/advance.ts'
import type { Source } from '../statements/verify/source.ts'
import { follow } from './follower.fixture.ts'
import {
  day,
  departures,
  dev,
  move,
  type Person,
  person,
  production,
  release,
  rollout,
  signAll,
  start,
  type TrialYard,
  textOf,
  trialYard,
  trustOfPeople,
  web,
} from './statements.fixture.ts'

const [solo, online, ada, ben, eve] = ['solo', 'online', 'ada', 'ben', 'eve'].map(person) as [
  Person,
  Person,
  Person,
  Person,
  Person,
]
const everybody = [solo, online, ada, ben, eve]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
})
afterEach(() => {
  vi.useRealTimers()
})

type Step = (yard: TrialYard) => Promise<unknown>

const channel = fc.constantFrom<Name>(dev, production)
const number = fc.integer({ min: 1, max: 5 })
const trust = fc
  .uniqueArray(fc.constantFrom(...everybody), { minLength: 1, maxLength: 3, selector: one => one.key.keyid })
  .chain(keys => fc.integer({ min: 1, max: keys.length }).map(threshold => trustOfPeople(threshold, ...keys)))
const onlineTrust = fc.constantFrom(trustOfPeople(1, solo), trustOfPeople(1, online))

/** What leaves each channel's statements in agreement with each other. */
const orderly = fc.oneof(
  fc.tuple(channel, number).map(
    ([name, to]): Step =>
      yard =>
        yard.statements.publish(move(name, to)),
  ),
  fc.tuple(channel, trust).map(
    ([name, keys]): Step =>
      yard =>
        yard.statements.publish({ channelKeys: [{ train: web, channel: name, ...keys }] }),
  ),
  fc.record({ root: trust, targets: trust, online: onlineTrust, halt: trust }, { requiredKeys: [] }).map(
    (rotation): Step =>
      yard =>
        yard.statements.rotate(rotation),
  ),
  fc.subarray(everybody, { minLength: 1 }).map(
    (people): Step =>
      yard =>
        signAll(yard, ...people),
  ),
  fc.constant<Step>(async yard => {
    const { staged } = await yard.statements.state()
    if (staged.length > 0) await yard.statements.withdraw(staged[0]!.id)
  }),
  fc.boolean().map(
    (all): Step =>
      yard =>
        yard.statements.refresh({ all }),
  ),
  fc.integer({ min: 0, max: 3 * day }).map(
    (shift): Step =>
      async yard => {
        vi.setSystemTime(Date.now() + shift)
        await yard.statements.refresh()
      },
  ),
)

const anything = fc.oneof(
  { weight: 2, arbitrary: orderly },
  fc.oneof(
    fc.tuple(channel, number, fc.constantFrom(...rolloutStates)).map(
      ([name, to, state]): Step =>
        yard =>
          yard.statements.publish({ rollouts: [rollout(name, to, state)] }),
    ),
    fc.tuple(channel, number).map(
      ([name, to]): Step =>
        yard =>
          yard.statements.publish({ departures: [departures(name, to, { floor: release(to).release })] }),
    ),
    number.map(
      (to): Step =>
        yard =>
          yard.statements.publish({ forgotten: [{ train: web, release: release(to).release }] }),
    ),
    channel.map(
      (name): Step =>
        yard =>
          yard.statements.publish({ removed: [{ train: web, channel: name }] }),
    ),
  ),
)

const paths: [role: string, path: string][] = [dev, production].flatMap(name => [
  [roleOf.channel(web, name), targetOf.departures(web, name)],
  [roleOf.rollout(web, name), targetOf.rollout(web, name)],
])
for (const to of [1, 2, 3, 4, 5])
  paths.push([roleOf.releases(web), targetOf.release(web, release(to).release)])

/** A host of the channel web/dev, which looks at the yard when it is called. */
function hostOf({ refs }: TrialYard, root: Buffer): () => Promise<Advance> {
  const source: Source = {
    async fetch(path) {
      const text = await refs.read(`departures/${path}`)
      return text === undefined ? undefined : Buffer.from(text)
    },
  }
  let trusted: Trusted = { metadata: new Map([['root', root]]) }
  return async () => {
    const clock = { now: Date.now(), synchronised: true }
    const advanced = await advance(trusted, source, { train: web, channel: dev, clock })
    trusted = advanced.trusted
    return advanced
  }
}

describe('after any sequence of changes, signatures, rotations and renewals', () => {
  it('whoever followed each step and whoever comes at the end read what the yard says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 12 }), async sequence => {
        vi.setSystemTime(start)
        const yard = trialYard(solo)
        const first = (await yard.statements.root()).text
        yard.atHand = [solo, online]
        const followers = [follow(yard.refs, first), follow(yard.refs, first)]
        try {
          for (const step of sequence) {
            await step(yard)
            await followers[0]!.read(paths[0]![1])
          }
          const published = (await yard.statements.published())!
          expect((await yard.statements.check()).faults).toEqual([])
          const said = await Promise.all(paths.map(([role, path]) => published.target(role, path)))
          for (const follower of followers)
            expect(await follower.readAll(paths.map(([, path]) => path))).toEqual(said)
        } finally {
          for (const follower of followers) follower.close()
        }
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('a host is where the yard says that it is, and suspects nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(orderly, { minLength: 1, maxLength: 12 }), async sequence => {
        vi.setSystemTime(start)
        const yard = trialYard(solo)
        const root = Buffer.from((await yard.statements.root()).text)
        yard.atHand = [solo, online]
        await yard.statements.publish(move(dev, 1))
        const [early, late] = [hostOf(yard, root), hostOf(yard, root)]
        for (const step of sequence) {
          await step(yard)
          expect((await early()).suspicion).toBeUndefined()
        }
        const said = await yard.statements.departures(web, dev)
        for (const host of [early, late]) {
          const { trusted, suspicion } = await host()
          expect(suspicion).toBeUndefined()
          expect(trusted.standing!.departures).toEqual(said)
        }
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('a yard that holds all keys says what was asked last', async () => {
    const moves = fc.array(fc.tuple(channel, number), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(moves, async sequence => {
        const yard = trialYard(solo)
        const asked = new Map<Name, number>()
        for (const [name, to] of sequence) {
          asked.set(name, to)
          await yard.statements.publish(move(name, to))
        }
        for (const [name, to] of asked)
          expect(textOf((await yard.statements.departures(web, name))!)).toBe(textOf(departures(name, to)))
      }),
      { numRuns: 10 },
    )
  })
})
