import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { countersign, openEnvelope, payloadTypes, sealEnvelope } from './envelope.ts'
import { statementSignerOf } from './statement-key.ts'

const signer = () => statementSignerOf(generateKeyPairSync('ed25519').privateKey)
const [ada, ben, eve] = [signer(), signer(), signer()]
const trust = (threshold: number) => ({ keys: [ada.key, ben.key], threshold, object: 'halt/1.json' })
const statement = { version: 1, number: 1 }

describe('an envelope', () => {
  const text = JSON.stringify(sealEnvelope('halt', statement, [ada]))

  it('opens for whoever trusts enough of its keys', () => {
    expect(openEnvelope('halt', text, trust(1))).toEqual(statement)
    const both = JSON.stringify(countersign(JSON.parse(text), ben))
    expect(openEnvelope('halt', both, trust(2))).toEqual(statement)
  })

  it.each([
    ['one key of two', text, 2],
    [
      'one key twice',
      JSON.stringify({
        ...JSON.parse(text),
        signatures: [...JSON.parse(text).signatures, ...JSON.parse(text).signatures],
      }),
      2,
    ],
    ['an unknown key', JSON.stringify(sealEnvelope('halt', statement, [eve])), 1],
    [
      "an unknown key under a known one's name",
      JSON.stringify({
        ...sealEnvelope('halt', statement, [eve]),
        signatures: sealEnvelope('halt', statement, [eve]).signatures.map(one => ({
          ...one,
          keyid: ada.key.keyid,
        })),
      }),
      1,
    ],
    [
      'another payload',
      JSON.stringify({
        ...JSON.parse(text),
        payload: Buffer.from('{"version":1,"number":2}').toString('base64'),
      }),
      1,
    ],
    ['no signature', JSON.stringify({ ...JSON.parse(text), signatures: [] }), 1],
  ])('does not open with %s', (_, damaged, threshold) => {
    expect(() => openEnvelope('halt', damaged, trust(threshold))).toThrow(/keys that may sign it have/)
  })

  it('is not taken for one of another kind, though the same key signs both', () => {
    expect(() => openEnvelope('card', text, trust(1))).toThrow(/it is no card/)
    const renamed = JSON.stringify({ ...JSON.parse(text), payloadType: payloadTypes.card })
    expect(() => openEnvelope('card', renamed, trust(1))).toThrow(/0 of 1/)
  })

  it.each([
    '',
    '[]',
    'null',
    '{}',
    '{"payloadType":1}',
    `{"payloadType":"a","payload":"","signatures":[null]}`,
  ])('is not %j', text => expect(() => openEnvelope('halt', text, trust(1))).toThrow(/not a signed envelope/))
})
