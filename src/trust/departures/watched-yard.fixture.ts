import { afterEach, beforeEach, expect, vi } from 'vitest'
import { targetOf } from '../statements/layout.ts'
import { type Follower, follow } from './follower.fixture.ts'
import {
  type dev,
  type Person,
  person,
  release,
  signAll,
  start,
  type TrialYard,
  trialYard,
  trustOfPeople,
  web,
} from './statements.fixture.ts'

export const [solo, online, ada, ben, eve] = ['solo', 'online', 'ada', 'ben', 'eve'].map(person) as [
  Person,
  Person,
  Person,
  Person,
  Person,
]
export const people = trustOfPeople(2, ada, ben, eve)
const anyOne = trustOfPeople(1, ada, ben, eve)

/** A new yard for each test, at a fixed time, and clients of somebody else's making that look at it. */
export interface WatchedYard {
  yard: TrialYard
  newFollower(): Promise<Follower>
  /** Number of the release that hosts read of a channel: by a client that knew the yard before, and by a new one, which must agree. */
  whereIs(channel: typeof dev, follower?: Follower): Promise<number>
  /** From now on people hold root, targets and the channels; the yard has the online key alone. */
  hardened(): Promise<void>
}

/** To be called once in a file of tests. */
export function watchYard(): WatchedYard {
  const followers: Follower[] = []
  const at: WatchedYard = {
    yard: trialYard(solo),
    async newFollower() {
      const follower = follow(at.yard.refs, (await at.yard.statements.root()).text)
      followers.push(follower)
      return follower
    },
    async whereIs(channel, follower) {
      const path = targetOf.departures(web, channel)
      const read = async (one: Follower) => JSON.parse((await one.read(path))!).release.release as string
      const seen = [await read(follower ?? (await at.newFollower())), await read(await at.newFollower())]
      expect(seen[1]).toBe(seen[0])
      return [...Array(100).keys()].findIndex(number => release(number).release === seen[0])
    },
    async hardened() {
      const { statements } = at.yard
      await statements.root()
      at.yard.atHand = [solo, online]
      await statements.rotate({
        root: people,
        targets: people,
        online: trustOfPeople(1, online),
        halt: anyOne,
      })
      await signAll(at.yard, ada, ben)
      at.yard.atHand = [online]
      expect((await statements.state()).staged).toEqual([])
    },
  }
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: start })
    at.yard = trialYard(solo)
  })
  afterEach(() => {
    vi.useRealTimers()
    for (const follower of followers.splice(0)) follower.close()
  })
  return at
}

/** Time goes on. */
export function later(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds)
}
