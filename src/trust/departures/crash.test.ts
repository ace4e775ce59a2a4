import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { YardError } from '../../model/index.ts'
import { openMemoryStore, type Refs } from '../../store/index.ts'
import { targetOf } from '../statements/layout.ts'
import { type Follower, follow } from './follower.fixture.ts'
import {
  copyOf,
  departures,
  dev,
  move,
  type Person,
  person,
  production,
  restore,
  rollout,
  signAll,
  start,
  type TrialYard,
  textOf,
  trialYard,
  trustOfPeople,
  web,
} from './statements.fixture.ts'

const [solo, online, other, ada, ben] = ['solo', 'online', 'online', 'ada', 'ben'].map(person) as [
  Person,
  Person,
  Person,
  Person,
  Person,
]
const people = trustOfPeople(2, ada, ben)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
})
afterEach(() => {
  vi.useRealTimers()
})

/** What may happen to a yard, from a state that hosts have seen. `isRootLate`: there is a moment at which hosts must wait. */
interface Scenario {
  name: string
  before?(yard: TrialYard): Promise<void>
  act(yard: TrialYard): Promise<unknown>
  /** Release of dev after it; before it is 1. */
  after: number
  isRootLate?: true
  /** Who may sign nothing after it. */
  gone?: Person
  /** Changes that wait after it. */
  staged?: number
}

const hold = { root: people, targets: people, online: trustOfPeople(1, online), halt: people }

async function hardened(yard: TrialYard): Promise<void> {
  yard.atHand = [solo, online]
  await yard.statements.rotate(hold)
  await signAll(yard, ada, ben)
  yard.atHand = [online]
}

/** A root that hosts have seen and the yard has not. */
let lost: string

const scenarios: Scenario[] = [
  { name: 'a channel moves', act: yard => yard.statements.publish(move(dev, 2)), after: 2 },
  {
    name: 'a channel is new',
    act: yard => yard.statements.publish({ ...move(production, 1) }),
    after: 1,
  },
  {
    name: 'a move is staged',
    before: hardened,
    act: yard => yard.statements.publish(move(dev, 2)),
    after: 1,
    staged: 1,
  },
  {
    name: 'a staged move gets its last signature',
    async before(yard) {
      await hardened(yard)
      await yard.statements.publish(move(dev, 2))
      await signAll(yard, ada)
    },
    act: yard => signAll(yard, ben),
    after: 2,
  },
  {
    name: 'keys get into other hands',
    async before(yard) {
      yard.atHand = [solo, online]
      await yard.statements.rotate(hold)
      await signAll(yard, ada)
    },
    act: yard => signAll(yard, ben),
    after: 1,
  },
  {
    name: 'a lost online key is replaced',
    async before(yard) {
      await hardened(yard)
      yard.atHand = [other]
      await yard.statements.rotate({ online: trustOfPeople(1, other) })
      await signAll(yard, ada)
    },
    act: yard => signAll(yard, ben),
    after: 1,
    isRootLate: true,
    gone: online,
  },
  {
    name: 'a lost online key is replaced by keys that are all at hand',
    async before(yard) {
      yard.atHand = [solo, online]
      await yard.statements.rotate({ online: trustOfPeople(1, online) })
      yard.atHand = [solo, other]
    },
    act: yard => yard.statements.rotate({ online: trustOfPeople(1, other) }),
    after: 1,
    isRootLate: true,
    gone: online,
  },
  {
    name: 'a renewal gets its last signature',
    async before(yard) {
      await hardened(yard)
      await yard.statements.refresh({ all: true })
      await signAll(yard, ada)
    },
    act: yard => signAll(yard, ben),
    after: 1,
  },
  {
    name: 'a root comes back from a copy while another one waits',
    async before(yard) {
      const backup = await copyOf(yard.refs)
      await yard.statements.rotate({ halt: trustOfPeople(1, ada) })
      lost = (await yard.statements.root()).text
      await restore(yard.refs, backup)
      await yard.statements.rotate({ root: people })
    },
    act: yard => yard.statements.submit(JSON.parse(lost)),
    after: 1,
    staged: 1,
  },
  {
    name: 'all statements are signed again',
    act: yard => yard.statements.refresh({ all: true }),
    after: 1,
  },
]

/** Refs that do what they are told until the given write, and then nothing any more: as for a process that was killed, or on a full disk. */
function dyingRefs(refs: Refs, atWrite: number, error: Error): Refs {
  let writes = 0
  const alive = async () => {
    if (++writes >= atWrite) throw error
  }
  return {
    ...refs,
    write: (name, text) => alive().then(() => refs.write(name, text)),
    create: (name, text) => alive().then(() => refs.create(name, text)),
    remove: name => alive().then(() => refs.remove(name)),
  }
}

describe.each(scenarios)('when $name', ({ before, act, after, isRootLate, gone, staged = 0 }) => {
  it('and it is killed at any write, hosts read what was before or all of it, and the next run goes on', async () => {
    const [was, willBe] = [1, after].map(number =>
      [departures(dev, number), rollout(dev, number)].map(textOf),
    )
    const paths = [targetOf.departures(web, dev), targetOf.rollout(web, dev)]
    for (let atWrite = 1, isOver = false; !isOver; atWrite++) {
      vi.setSystemTime(start)
      const store = openMemoryStore()
      const yard = trialYard(solo, Date.now, store)
      const first = (await yard.statements.root()).text
      await yard.statements.publish(move(dev, 1))
      await before?.(yard)
      const follower = follow(store.refs, first)
      expect(await follower.readAll(paths)).toEqual(was)

      vi.setSystemTime(start + 60_000)
      const full = new YardError('no-space', 'the disk is full')
      const dying = trialYard(solo, Date.now, { ...store, refs: dyingRefs(store.refs, atWrite, full) })
      dying.atHand = yard.atHand
      const error = await act(dying).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (error !== undefined) expect(error).toBe(full)
      isOver = error === undefined

      const read = (one: Follower) =>
        one.readAll(paths).catch(error => (isRootLate ? was : Promise.reject(error)))
      const late = follow(store.refs, first)
      const seen = await read(follower)
      expect([was, willBe]).toContainEqual(seen)
      expect(await read(late)).toEqual(seen)

      vi.setSystemTime(start + 120_000)
      await (atWrite % 2 === 0 ? yard.statements.refresh() : yard.statements.publish({}))
      expect([was, willBe]).toContainEqual(await follower.readAll(paths))
      await act(yard)
      for (const one of [follower, late]) {
        expect(await one.readAll(paths)).toEqual(willBe)
        one.close()
      }
      expect((await yard.statements.check()).faults).toEqual([])
      const state = await yard.statements.state()
      expect(state.staged).toHaveLength(staged)
      for (const { role, metadata } of state.staged.flatMap(({ files }) => files))
        if (role === 'root') expect(metadata.signed.version).toBe(state.root!.version + 1)
      const ids = state.roles.flatMap(({ keys }) => keys.map(({ keyid }) => keyid))
      if (gone !== undefined) expect(ids).not.toContain(gone.key.keyid)
      expect(atWrite).toBeLessThan(30)
    }
  })
})
