import { describe, expect, it } from 'vitest'
import type { Name } from '../../../model/index.ts'
import type { Refs } from '../../../store/index.ts'
import {
  day,
  departures,
  dev,
  move,
  person,
  production,
  release,
  rollout,
  signAll,
  start,
  trialYard,
  trustOfPeople,
  web,
} from '../../departures/statements.fixture.ts'
import { advance, type Trusted } from './advance.ts'
import { judgeTrust } from './repository.fixture.ts'
import type { Source } from './source.ts'

const [solo, online, ada, ben] = ['solo', 'online', 'ada', 'ben'].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
]

async function yardWithHost() {
  const time = { now: start }
  const yard = trialYard(solo, () => time.now)
  const source: Source = {
    fetch: async (path, maximumBytes) => {
      const text = await yard.refs.read(`departures/${path}`)
      return text === undefined ? undefined : Buffer.from(text).subarray(0, maximumBytes + 1)
    },
  }
  const root = Buffer.from((await yard.statements.root()).text)
  let trusted: Trusted = { metadata: new Map([['root', root]]) }
  return {
    ...yard,
    time,
    yard,
    /** What the host stands on when it has looked. */
    async look(channel: Name = dev) {
      const clock = { now: time.now, synchronised: true }
      const { trusted: after, suspicion } = await advance(trusted, source, { train: web, channel, clock })
      expect(suspicion).toBeUndefined()
      expect(judgeTrust(after, clock)).toEqual({ statements: 'fresh' })
      trusted = after
      return trusted.standing!
    },
  }
}

async function contents(refs: Refs, directory = 'departures'): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of (await refs.list(directory)).map(name => `${directory}/${name}`)) {
    const text = await refs.read(name)
    const inner = text === undefined ? await contents(refs, name) : [[name, text] as const]
    for (const [path, content] of inner) found.set(path, content)
  }
  return found
}

describe('what the yard writes is what a host reads', () => {
  it('from the first release on, forwards and back', async () => {
    const { statements, look, time } = await yardWithHost()
    for (const number of [1, 2, 1]) {
      time.now += 1000
      await statements.publish(move(dev, number))
      expect(await look()).toMatchObject({
        departures: departures(dev, number),
        rollout: rollout(dev, number),
        release: release(number),
      })
    }
  })

  it('while it is signed again and again, for a year', async () => {
    const { statements, look, time } = await yardWithHost()
    await statements.publish(move(dev, 1))
    for (let passed = 0; passed < 370; passed += 6) {
      await statements.refresh()
      expect(await look()).toMatchObject({ departures: departures(dev, 1) })
      time.now += 6 * day
    }
  })

  it('when people take the keys over, and when they hold a channel each', async () => {
    const { statements, look, time, yard } = await yardWithHost()
    await statements.publish(move(dev, 1))
    await look()
    yard.atHand = [solo, online]
    const people = trustOfPeople(2, ada, ben)
    await statements.rotate({ root: people, targets: people, online: trustOfPeople(1, online), halt: people })
    await signAll(yard, ada, ben)
    yard.atHand = [online]
    time.now += 1000
    await statements.publish({
      ...move(production, 2),
      channelKeys: [{ train: web, channel: production, ...people }],
    })
    await signAll(yard, ada, ben)
    await expect(look()).resolves.toMatchObject({ root: 2, departures: departures(dev, 1) })
    expect((await look()).cardKeys.keys.map(({ keyid }) => keyid)).toEqual([online.key.keyid])
    expect(await look(production)).toMatchObject({ departures: departures(production, 2) })
  })

  it('after a week-old backup was restored', async () => {
    const { statements, look, time, refs } = await yardWithHost()
    await statements.publish(move(dev, 1))
    const backup = await contents(refs)
    time.now += 7 * day - 1
    await statements.publish(move(dev, 2))
    await look()
    for (const name of (await contents(refs)).keys()) await refs.remove(name)
    for (const [name, text] of backup) await refs.write(name, text)
    time.now += 1000
    await statements.refresh({ all: true })
    expect(await look()).toMatchObject({ departures: departures(dev, 1) })
  })
})
