import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Halt, Timestamp } from '../../model/index.ts'
import { countersign, sealEnvelope } from './envelope.ts'
import { haltsText, haltTrustOf, openHalts, readHalts, withHalts } from './halts.ts'
import { haltField } from './layout.ts'
import { statementSignerOf } from './statement-key.ts'

const signer = () => statementSignerOf(generateKeyPairSync('ed25519').privateKey)
const [ada, ben, eve] = [signer(), signer(), signer()]
const trust = { keys: [ada.key, ben.key], threshold: 1, object: 'halt/latest.json' }
const at = '20261121T064500Z' as Timestamp
const haltOf = (number: number, more: Partial<Halt> = {}): Halt => ({
  version: 1,
  number,
  scope: ['web/production'],
  who: 'ada',
  why: 'it burns',
  at,
  ...more,
})
const sealed = (number: number, more?: object) => sealEnvelope('halt', { ...haltOf(number), ...more }, [ada])
const numbersOf = (text: string, more: object = {}) =>
  openHalts(text, { ...trust, ...more }).map(({ halt }) => halt.number)

describe('a file of halts', () => {
  it('gives every halt that one of the keys signed, newest first', () => {
    expect(numbersOf(haltsText([sealed(3), sealed(7), sealed(5)]))).toEqual([7, 5, 3])
  })

  it('keeps those that are good when somebody adds others', () => {
    const forged = { ...sealed(9), payload: sealed(8).payload }
    const text = haltsText([
      forged,
      sealEnvelope('halt', haltOf(4), [eve]),
      sealed(2),
      sealEnvelope('card', haltOf(6), [ada]),
    ])
    expect(numbersOf(text)).toEqual([2])
  })

  it('keeps two of one number apart', () => {
    expect(numbersOf(haltsText([sealed(3), sealed(3, { scope: ['db'] })]))).toEqual([3, 3])
  })

  it('asks for as many keys as root does', () => {
    const one = sealed(3)
    expect(numbersOf(haltsText([one]), { threshold: 2 })).toEqual([])
    const apart = withHalts([one], [sealEnvelope('halt', haltOf(3), [ben])])
    expect(apart).toHaveLength(1)
    expect(numbersOf(haltsText(apart), { threshold: 2 })).toEqual([3])
    expect(withHalts(apart, [countersign(one, ben)])).toEqual(apart)
  })

  it.each([
    ['no number', { number: undefined }],
    ['a number of nothing', { number: 0 }],
    ['half a number', { number: '3' }],
    ['a scope that is no list', { scope: 'web' }],
    ['a scope that leaves its tree', { scope: ['web/../db'] }],
    ['three names', { scope: ['web/production/east'] }],
    ['an endless scope', { scope: Array(1000).fill('web') }],
    ['a million letters', { why: 'x'.repeat(1_000_000) }],
    ['no moment', { at: 'yesterday' }],
    ['another version', { version: 2 }],
  ])('with %s holds nobody', (_, more) => {
    const text = haltsText([sealed(3, more)])
    expect(text.length > 256 * 1024 ? [] : numbersOf(text)).toEqual([])
  })

  it.each([
    '',
    'null',
    '{}',
    '[1]',
    '[{}]',
    JSON.stringify(Array(65).fill(sealed(1))),
    `[${' '.repeat(300_000)}]`,
  ])('is not %#', text => {
    expect(readHalts(text)).toBeUndefined()
    expect(() => openHalts(text, trust)).toThrow(/no file of halts/)
  })
})

describe('who may stop', () => {
  const keys = Object.fromEntries(
    [ada, ben].map(({ key }) => [
      key.keyid,
      { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: key.public } },
    ]),
  )

  it('is said by root', () => {
    const root = { keys, [haltField]: { keyids: [ada.key.keyid], threshold: 1 } }
    expect(haltTrustOf(root)).toEqual({ keys: [ada.key], threshold: 1 })
  })

  it.each([
    {},
    { keys },
    { keys, [haltField]: null },
    { keys, [haltField]: { keyids: 'all', threshold: 1 } },
    { keys, [haltField]: { keyids: [ada.key.keyid], threshold: 0 } },
    { [haltField]: { keyids: [ada.key.keyid], threshold: 1 } },
  ])('is nobody where it says %j', root => expect(haltTrustOf(root).keys).toEqual([]))
})
