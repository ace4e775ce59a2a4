import { beforeEach, describe, expect, it } from 'vitest'
import { canonicalJson, type Json, type Name } from '../../model/index.ts'
import { openMemoryStore } from '../../store/index.ts'
import { departuresOf, person, rootOf, trustOfPeople } from '../ceremony/request.fixture.ts'
import { openStatements } from '../departures/open-statements.ts'
import { haltsText, maximumHaltBytes, readHalts } from '../statements/halts.ts'
import { makeHalt } from './make-halt.ts'
import { addHalts, haltRef, liftedIn, listHalts } from './yard-halts.ts'

const ada = person('ada')
const ben = person('ben')
const eve = person('eve')
const online = person('online')
const people = trustOfPeople(2, ada, ben)
const now = Date.UTC(2026, 10, 21, 7)
const order = { scope: ['web/production'], who: 'ada', why: 'it burns' }
const haltBy = (signer = ada, at = now, more: object = {}) => makeHalt({ ...order, ...more }, 0, signer, at)

let store: ReturnType<typeof openMemoryStore>
beforeEach(async () => {
  store = openMemoryStore()
  const root = rootOf(1, people, trustOfPeople(1, online))
  await store.refs.write('departures/metadata/1.root.json', canonicalJson(root as unknown as Json))
})
const numbers = async () => (await listHalts(store.refs)).map(({ halt }) => halt.number)

describe('a halt', () => {
  it('needs one key of root, and no database, server or online key', async () => {
    const { halt, envelope } = haltBy(ben)
    expect(await addHalts(store, [envelope])).toEqual([halt])
    expect((await listHalts(store.refs)).map(one => one.halt)).toEqual([halt])
    expect(readHalts((await store.refs.read(haltRef.numbered(halt.number)))!)).toEqual([envelope])
  })

  it('of others is refused, with all that came with it', async () => {
    for (const signer of [eve, online])
      await expect(addHalts(store, [haltBy().envelope, haltBy(signer).envelope])).rejects.toMatchObject({
        code: 'untrusted',
        message: expect.stringMatching(/nothing was stopped/),
      })
    expect(await numbers()).toEqual([])
  })

  it('stands beside those that were there, and comes twice without harm', async () => {
    const [first, second] = [haltBy(ada), haltBy(ben, now + 1000, { scope: ['db'] })]
    await addHalts(store, [second.envelope])
    expect(await addHalts(store, [first.envelope, second.envelope])).toEqual([first.halt])
    expect(await numbers()).toEqual([second.halt.number, first.halt.number])
    expect(await addHalts(store, [first.envelope])).toEqual([])
  })

  it('shares its number with one that somebody else made in the same second', async () => {
    const [first, second] = [haltBy(ada), haltBy(ben, now, { who: 'ben' })]
    await addHalts(store, [first.envelope])
    await addHalts(store, [second.envelope])
    expect(await numbers()).toEqual([first.halt.number, first.halt.number])
    expect(readHalts((await store.refs.read(haltRef.numbered(first.halt.number)))!)).toHaveLength(2)
  })

  it('survives what was there being damaged', async () => {
    await store.refs.write(haltRef.latest, 'half a fi')
    await addHalts(store, [haltBy().envelope])
    expect(await numbers()).toHaveLength(1)
  })

  it('has a number above what is known and not below the clock', () => {
    expect(haltBy().halt.number).toBe(now / 1000)
    expect(makeHalt(order, now, ada, now).halt.number).toBe(now + 1)
  })

  it('is not made too large for hosts', () => {
    expect(() => haltBy(ada, now, { why: 'x'.repeat(2000) })).toThrow(/at most 1000/)
    expect(() => haltBy(ada, now, { scope: Array(100).fill('web') })).toThrow(/at most 64/)
  })

  it('makes room once every channel that it concerns has lifted it', async () => {
    const statements = openStatements({
      ...store,
      keys: { signers: async () => [ada, ben, online], makeFirst: async () => undefined },
      now: () => now,
    })
    const lift = (channel: string, lifted: number) =>
      statements.publish({
        departures: [departuresOf('20261121T070000Z', { channel: channel as Name, lifted })],
      })
    await lift('production', 0)
    await lift('staging', 0)
    const [everywhere, narrow] = [haltBy(ada, now, { scope: [] }), haltBy(ben, now + 1000)]
    await addHalts(store, [everywhere.envelope, narrow.envelope])
    await lift('production', narrow.halt.number)
    const later = haltBy(ada, now + 2000, { scope: ['db'] })
    await addHalts(store, [later.envelope])
    expect(await numbers()).toEqual([later.halt.number, everywhere.halt.number])
    await lift('staging', narrow.halt.number)
    await addHalts(store, [haltBy(ben, now + 3000, { scope: ['db'] }).envelope])
    expect(await numbers()).toEqual([later.halt.number + 1, later.halt.number])
  })

  it.each([
    ['half written', 'half a fi'],
    ['gone', undefined],
  ])('is made though the statements are damaged: timestamp.json is %s', async (_, text) => {
    await store.refs.write('departures/metadata/1.channel_web_production.json', '{}')
    if (text !== undefined) await store.refs.write('departures/metadata/timestamp.json', text)
    expect(await liftedIn(store.refs)).toEqual([])
    await addHalts(store, [haltBy().envelope])
    expect(await numbers()).toEqual([haltBy().halt.number])
  })

  it('is not pushed out by one that is handed in again and again in other letters', async () => {
    const [first, second] = [haltBy(ada), haltBy(ben, now + 1000, { scope: ['db'] })]
    await addHalts(store, [first.envelope, second.envelope])
    for (let i = 1; i < 70; i++) {
      const envelope = { ...second.envelope, payload: `${second.envelope.payload}${'\n'.repeat(i)}` }
      expect(await addHalts(store, readHalts(haltsText([envelope]))!)).toEqual([])
    }
    expect(await numbers()).toEqual([second.halt.number, first.halt.number])
  })

  it('is never pushed out by newer ones of others: when hosts could read no more of them, the last is refused', async () => {
    const scopeOf = (i: number) => Array.from({ length: 64 }, (_, j) => `${'x'.repeat(60)}${i}/c${j}`)
    const made = [haltBy()]
    await addHalts(store, [made[0]!.envelope])
    const refused = async () => {
      for (let i = 1; i < 100; i++) {
        const one = haltBy(ada, now + i * 1000, { scope: scopeOf(i) })
        await addHalts(store, [one.envelope])
        made.push(one)
      }
    }
    await expect(refused()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/nothing was stopped/),
    })
    expect(await numbers()).toEqual(made.map(({ halt }) => halt.number).reverse())
    expect(Buffer.byteLength((await store.refs.read(haltRef.latest))!)).toBeLessThanOrEqual(maximumHaltBytes)
    const all = haltBy(ada, now + 200_000, { scope: [] })
    await addHalts(store, [all.envelope])
    expect((await numbers())[0]).toBe(all.halt.number)
  })

  it('makes room for newer ones that hold whatever it holds', async () => {
    const made = Array.from({ length: 70 }, (_, i) => haltBy(ada, now + i * 1000))
    for (const { envelope } of made) await addHalts(store, [envelope])
    const [newest] = await numbers()
    expect(newest).toBe(made.at(-1)!.halt.number)
    expect((await numbers()).length).toBeLessThanOrEqual(64)
  })

  it('binds nobody in a yard without a root', async () => {
    await store.refs.remove('departures/metadata/1.root.json')
    await expect(addHalts(store, [haltBy().envelope])).rejects.toMatchObject({ code: 'untrusted' })
    await store.refs.write(haltRef.latest, haltsText([haltBy().envelope]))
    expect(await numbers()).toEqual([])
  })
})
