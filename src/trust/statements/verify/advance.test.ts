import { describe, expect, it } from 'vitest'
import { advance, judgeTrust } from './advance.ts'
import { channel, clockAt, createYard, day, start, train } from './repository.fixture.ts'

const at = (now: number) => ({ train, channel, clock: clockAt(now) })

describe('a host that has enrolled', () => {
  it('reads the statements of its channel, and asks for two files and the halts when there is no news', async () => {
    const yard = createYard()
    const first = await advance(yard.enrolled(), yard.source(), at(start))
    expect(first.suspicion).toBeUndefined()
    expect(first.trusted.standing).toMatchObject({
      departures: yard.departures,
      rollout: yard.rollout,
      release: yard.release,
    })
    expect(judgeTrust(first.trusted, clockAt(start))).toEqual({ statements: 'fresh' })

    const source = yard.source()
    const second = await advance(first.trusted, source, at(start))
    expect(second).toEqual(first)
    expect(source.asked).toEqual(['metadata/2.root.json', 'metadata/timestamp.json', 'halt/latest.json'])
    expect(judgeTrust(second.trusted, clockAt(start + 8 * day))).toEqual({ statements: 'expired' })
  })
})
