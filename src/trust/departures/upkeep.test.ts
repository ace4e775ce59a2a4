import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Digest, Name, ReleasedRepository } from '../../model/index.ts'
import { targetOf } from '../statements/layout.ts'
import { follow } from './follower.fixture.ts'
import {
  copyOf,
  day,
  departures,
  dev,
  move,
  person,
  production,
  release,
  start,
  type TrialYard,
  textOf,
  trialYard,
  trustOfPeople,
  web,
} from './statements.fixture.ts'

const hour = day / 24

let yard: TrialYard
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: start })
  yard = trialYard(person('solo'))
})
afterEach(() => {
  vi.useRealTimers()
})

const later = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)

describe('old metadata', () => {
  it('goes a day after it was replaced, so that whoever began under it can finish', async () => {
    const first = (await yard.statements.root()).text
    const path = targetOf.departures(web, dev)
    const timestamps: string[] = []
    for (let number = 1; number <= 60; number++) {
      await yard.statements.publish(move(dev, number))
      timestamps.push((await yard.refs.read('departures/metadata/timestamp.json'))!)
      later(hour)
    }
    await yard.statements.refresh()
    /** The release that a host reads whose `timestamp.json` is the one of that many hours ago. */
    const readAgo = async (hours: number) => {
      const old = timestamps.at(-hours)!
      const refs = {
        ...yard.refs,
        read: async (name: string) => (name.endsWith('timestamp.json') ? old : yard.refs.read(name)),
      }
      const follower = follow(refs, first)
      return follower.read(path).finally(follower.close)
    }
    expect(await readAgo(1)).toBe(textOf(departures(dev, 60)))
    expect(await readAgo(24)).toBe(textOf(departures(dev, 37)))
    await expect(readAgo(27)).rejects.toThrow()
    // Two files of metadata and a statement of each release that may be wanted, and what does not change.
    expect((await copyOf(yard.refs)).size).toBeLessThan(26 * 6 + 60)
  })

  it('is kept as long as it is in force, and roots for ever', async () => {
    const first = (await yard.statements.root()).text
    await yard.statements.publish(move(dev, 1))
    const halt = person('ada')
    for (let number = 1; number <= 3; number++) {
      await yard.statements.rotate({ halt: trustOfPeople(1, halt) })
      later(5 * day)
      await yard.statements.refresh()
    }
    const follower = follow(yard.refs, first)
    expect(await follower.read(targetOf.departures(web, dev))).toBe(textOf(departures(dev, 1)))
    follower.close()
    expect(await yard.statements.root()).toMatchObject({ version: 4 })
  })

  it('that a killed process left behind goes too', async () => {
    await yard.statements.publish(move(dev, 1))
    const leftovers = ['metadata/9999999999.snapshot.json', 'metadata/9999999999.releases_web.json']
    for (const name of leftovers) await yard.refs.write(`departures/${name}`, '{}')
    await yard.refs.write('departures/targets/channels/web/0.dev.json', '{}')
    await yard.statements.refresh()
    const names = [...(await copyOf(yard.refs)).keys()]
    for (const name of [...leftovers, 'targets/channels/web/0.dev.json'])
      expect(names).not.toContain(`departures/${name}`)
    expect((await yard.statements.check()).faults).toEqual([])
  })
})

/** All but what is staged. */
async function served(refs: TrialYard['refs']): Promise<Map<string, string>> {
  return new Map([...(await copyOf(refs))].filter(([name]) => !name.startsWith('departures/staged/')))
}

describe('a check of what is published', () => {
  beforeEach(async () => {
    await yard.statements.publish(move(dev, 1))
    await yard.statements.publish(move(production, 1))
    await yard.statements.rotate({ halt: trustOfPeople(1, person('ada')) })
    later(2 * day)
    await yard.statements.refresh({ all: true })
    later(2 * day)
    await yard.statements.refresh()
  })

  it('finds nothing wrong with what was written', async () => {
    const { checked, faults } = await yard.statements.check()
    expect(faults).toEqual([])
    expect(checked).toBe((await served(yard.refs)).size)
  })

  it('finds every file that is missing, cut short, or says something else', async () => {
    for (const [name, text] of await served(yard.refs)) {
      // Without its newest root a yard is as it was before that.
      const isNewestRoot = name.endsWith('/2.root.json')
      for (const damaged of [undefined, text.slice(0, -1), text.replace('2026', '2036')]) {
        if (damaged === text || (isNewestRoot && damaged === undefined)) continue
        if (damaged === undefined) await yard.refs.remove(name)
        else await yard.refs.write(name, damaged)
        const { faults } = await yard.statements.check()
        expect(faults, `${name}: ${damaged}`).not.toEqual([])
        await yard.refs.write(name, text)
      }
    }
    expect((await yard.statements.check()).faults).toEqual([])
  })
})

describe('damaged statements', () => {
  it('move no channel, and are good again with any older copy', async () => {
    const first = (await yard.statements.root()).text
    const follower = follow(yard.refs, first)
    const path = targetOf.departures(web, dev)
    await yard.statements.publish(move(dev, 1))
    const copy = await copyOf(yard.refs)
    later(day)
    await yard.statements.publish(move(dev, 2))
    expect(await follower.read(path)).toBe(textOf(departures(dev, 2)))
    for (const name of (await copyOf(yard.refs)).keys())
      if (name.endsWith('.targets.json')) await yard.refs.write(name, '{')
    await expect(yard.statements.publish(move(dev, 3))).rejects.toMatchObject({
      code: 'damaged',
      hint: expect.stringContaining('trust refresh --all'),
    })
    for (const [name, text] of copy) await yard.refs.write(name, text)
    later(1000)
    await yard.statements.refresh({ all: true })
    expect(await follower.read(path)).toBe(textOf(departures(dev, 1)))
    await yard.statements.publish(move(dev, 3))
    expect(await follower.read(path)).toBe(textOf(departures(dev, 3)))
    expect((await yard.statements.check()).faults).toEqual([])
    follower.close()
  })
})

describe('what hosts would not take', () => {
  it('is refused before anything is written', async () => {
    await yard.statements.publish(move(dev, 1))
    const before = await copyOf(yard.refs)
    const releases = Array.from({ length: 2_049 }, (_, number) => release(number))
    await expect(yard.statements.publish({ releases })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(
        /releases_web.json would be refused by hosts: it has 2049 targets, of 2048/,
      ),
      hint: expect.stringContaining('no host needs'),
    })
    const repositories = { ['r' as Name]: released('a'.repeat(1_000_000)) }
    await expect(
      yard.statements.publish({ releases: [{ ...release(2), repositories }] }),
    ).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(/of 1000000 at most/) })
    expect(await copyOf(yard.refs)).toEqual(before)
  })

  it('is not what grows with every channel that comes and goes: new online keys forget them', async () => {
    const first = (await yard.statements.root()).text
    const follower = follow(yard.refs, first)
    for (let number = 1; number <= 5; number++) {
      const channel = `c${number}` as Name
      await yard.statements.publish(move(channel, number))
      await follower.read(targetOf.departures(web, channel))
      await yard.statements.publish({ removed: [{ train: web, channel }] })
    }
    await yard.statements.publish(move(dev, 1))
    const listed = async () => Object.keys((await yard.statements.published())!.snapshot!.signed.meta).length
    expect(await listed()).toBe(14)
    const online = person('online')
    yard.atHand = [...yard.atHand, online]
    await yard.statements.rotate({ online: trustOfPeople(1, online) })
    expect(await listed()).toBe(4)
    const late = follow(yard.refs, first)
    for (const one of [follower, late]) {
      expect(await one.read(targetOf.departures(web, dev))).toBe(textOf(departures(dev, 1)))
      one.close()
    }
  })
})

function released(path: string): ReleasedRepository {
  const digest = 'a'.repeat(64) as Digest
  const snapshot = { repository: 'r' as Name, timestamp: release(2).release }
  return { format: 'apt', snapshot, files: digest, packages: digest, anchors: { [path]: digest } }
}
