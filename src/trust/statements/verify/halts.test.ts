import { describe, expect, it } from 'vitest'
import { timestampOf } from '../../../model/index.ts'
import { type HaltTrust, maximumHaltBytes } from '../halts.ts'
import { haltField } from '../layout.ts'
import type { Trusted } from './advance.ts'
import {
  channel,
  channelRole,
  clockAt,
  createYard,
  day,
  type FixtureYard,
  follow,
  judgeTrust,
  newSigner,
  sourceOf,
  train,
  tufKey,
} from './repository.fixture.ts'

const latest = 'halt/latest.json'
const onlyHalts = (yard: FixtureYard) => sourceOf(new Map([[latest, yard.files.get(latest)!]]))
const haltedAt = (yard: FixtureYard, trusted: Trusted) => judgeTrust(trusted, clockAt(yard.now)).halted

async function halted(scope: string[] = []): Promise<{ yard: FixtureYard; trusted: Trusted }> {
  const yard = createYard()
  const { trusted } = await follow(yard, yard.enrolled())
  yard.halt({ scope })
  return { yard, trusted: (await follow(yard, trusted)).trusted }
}

describe('a halt', () => {
  it.each([[[]], [[train]], [[`${train}/${channel}`]], [['db', `${train}/${channel}`]]])(
    'of %j binds the channel',
    async scope => {
      const { yard, trusted } = await halted(scope)
      expect(haltedAt(yard, trusted)).toBe(1)
      expect(trusted.halt!.halt).toMatchObject({ who: 'ada', why: 'it burns' })
    },
  )

  it.each([[['db']], [[`${train}/dev`]], [['webx']]])('of %j does not', async scope => {
    const { yard, trusted } = await halted(scope)
    expect(haltedAt(yard, trusted)).toBeUndefined()
    expect(trusted.halt).toBeUndefined()
  })

  it('is obeyed where there is nothing else, neither fresh statements nor any', async () => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled())
    yard.halt()
    for (const from of [trusted, yard.enrolled()]) {
      const { trusted: after, suspicion } = await follow(yard, from, { source: onlyHalts(yard) })
      expect(suspicion?.suspicion).toBe('unavailable')
      expect(haltedAt(yard, after)).toBe(1)
    }
    yard.now += 400 * day
    const late = await follow(yard, trusted)
    expect(late.suspicion).toBeUndefined()
    expect(judgeTrust(late.trusted, clockAt(yard.now))).toEqual({ statements: 'expired', halted: 1 })
  })

  it('is obeyed though what stands beside it is an attack', async () => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled())
    yard.halt()
    yard.put('metadata/timestamp.json', Buffer.from('{}'))
    expect(haltedAt(yard, (await follow(yard, trusted)).trusted)).toBe(1)
  })

  it('stays when the place that had it has it no more', async () => {
    const { yard, trusted } = await halted()
    yard.files.delete(latest)
    const after = await follow(yard, trusted)
    expect(after.suspicion).toBeUndefined()
    expect(haltedAt(yard, after.trusted)).toBe(1)
  })

  it('binds until the channel says that it is lifted, and a later one binds again', async () => {
    const { yard, trusted } = await halted()
    yard.now += 1000
    yard.setDepartures({ ...yard.departures, lifted: 1 })
    yard.publish(channelRole)
    const lifted = (await follow(yard, trusted)).trusted
    expect(haltedAt(yard, lifted)).toBeUndefined()
    yard.halt({ number: 2 })
    expect(haltedAt(yard, (await follow(yard, lifted)).trusted)).toBe(2)
  })

  it('is the highest of those that concern the channel, whatever else was halted later', async () => {
    const { yard, trusted } = await halted()
    yard.halt({ number: 7, scope: ['db'] })
    yard.halt({ number: 3 })
    yard.halt({ number: 2 })
    expect(haltedAt(yard, (await follow(yard, trusted)).trusted)).toBe(3)
  })

  it.each([
    ['a stranger signed', (yard: FixtureYard) => yard.halt({}, [newSigner()])],
    ['the online key signed', (yard: FixtureYard) => yard.halt({}, yard.signers.get('timestamp'))],
    ['nobody signed', (yard: FixtureYard) => yard.halt({}, [])],
    ['says no number', (yard: FixtureYard) => yard.halt({ number: 0 })],
    ['says another kind of number', (yard: FixtureYard) => yard.halt({ number: '2' as never })],
    ['is about nothing that has a name', (yard: FixtureYard) => yard.halt({ scope: ['../x'] })],
  ])('that %s is none, and hides none beside it', async (_, forge) => {
    const yard = createYard()
    const { trusted } = await follow(yard, yard.enrolled())
    forge(yard)
    const after = await follow(yard, trusted)
    expect(haltedAt(yard, after.trusted)).toBeUndefined()
    const { number } = yard.halt({ scope: [train] })
    expect(haltedAt(yard, (await follow(yard, after.trusted)).trusted)).toBe(number)
  })

  it.each([
    ['not JSON', Buffer.from('stop!'), 'damaged'],
    ['no list', Buffer.from('{}'), 'damaged'],
    ['without end', Buffer.alloc(maximumHaltBytes + 1, 0x20), 'endless-data'],
  ])('file that is %s stops no other statement, nor the halt that is known', async (_, bytes, suspicion) => {
    const { yard, trusted } = await halted()
    yard.now += day
    yard.depart(timestampOf(yard.now))
    yard.put(latest, bytes)
    const after = await follow(yard, trusted)
    expect(after.suspicion?.suspicion).toBe(suspicion)
    expect(after.trusted.standing!.departures).toEqual(yard.departures)
    expect(haltedAt(yard, after.trusted)).toBe(1)
  })

  it('goes with the key of its author, when root takes that away', async () => {
    const { yard, trusted } = await halted()
    const thief = yard.halters
    yard.halt({ number: Number.MAX_SAFE_INTEGER }, thief)
    const burnt = (await follow(yard, trusted)).trusted
    expect(haltedAt(yard, burnt)).toBe(Number.MAX_SAFE_INTEGER)
    const other = newSigner()
    yard.root.keys[other.key.keyid] = tufKey(other.key)
    yard.root[haltField] = { keyids: [other.key.keyid], threshold: 1 }
    yard.publishRoot()
    const after = (await follow(yard, burnt)).trusted
    expect(after.halt).toBeUndefined()
    yard.halt({ number: 2 }, [other])
    expect(haltedAt(yard, (await follow(yard, after)).trusted)).toBe(2)
  })

  it('needs as many keys as root says', async () => {
    const yard = createYard()
    const halters = [newSigner(), newSigner()]
    for (const { key } of halters) yard.root.keys[key.keyid] = tufKey(key)
    yard.root[haltField] = { keyids: halters.map(({ key }) => key.keyid), threshold: 2 }
    yard.publishRoot()
    const { trusted } = await follow(yard, yard.enrolled())
    yard.halt({}, halters.slice(1))
    expect(haltedAt(yard, (await follow(yard, trusted)).trusted)).toBeUndefined()
    yard.halt({ number: 2 }, halters)
    expect(haltedAt(yard, (await follow(yard, trusted)).trusted)).toBe(2)
  })
})

it('whose halts nobody may sign, obeys none', async () => {
  const yard = createYard()
  yard.root[haltField] = { keyids: [], threshold: 0 } satisfies { keyids: string[] } & Pick<
    HaltTrust,
    'threshold'
  >
  yard.publishRoot()
  const { trusted } = await follow(yard, yard.enrolled())
  yard.halt({}, [])
  expect(haltedAt(yard, (await follow(yard, trusted)).trusted)).toBeUndefined()
})
