import fc from 'fast-check'
import {
  config,
  encryptKey,
  enums,
  generateKey,
  type PrivateKey,
  type SecretKeyPacket,
  SignaturePacket,
} from 'openpgp'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeSignature } from './make-signature.ts'
import { packetTags, readPackets } from './packets.ts'
import { readSecretKey } from './secret-key.ts'

const date = Date.UTC(2026, 10, 21)
const kinds = [
  ['RSA', { type: 'rsa', rsaBits: 2048 }],
  ['Ed25519', { type: 'ecc', curve: 'ed25519Legacy' }],
] as const
const keys = new Map<string, PrivateKey>()

beforeAll(async () => {
  for (const [name, kind] of kinds) {
    const userIDs = [{ name: 'Example Yard' }]
    const options = { ...kind, userIDs, subkeys: [], date: new Date(date), format: 'object' as const }
    keys.set(name, (await generateKey(options)).privateKey)
  }
})

function bodyOf(key: PrivateKey): Buffer {
  const packet = readPackets(Buffer.from(key.write())).packets[0]!
  expect(packet.tag).toBe(packetTags.secretKey)
  return packet.body
}

/** What openpgp.js signs, without the random notation that it adds. */
async function oracle(key: PrivateKey, data: Buffer, type: number): Promise<Buffer> {
  const packet = new SignaturePacket()
  packet.signatureType = type
  packet.publicKeyAlgorithm = key.keyPacket.algorithm
  packet.hashAlgorithm = enums.hash.sha512
  const sign = packet.sign.bind(packet) as unknown as (...args: unknown[]) => Promise<void>
  await sign(key.keyPacket as SecretKeyPacket, { text: null, getBytes: () => data }, new Date(date), true, {
    ...config,
    nonDeterministicSignaturesViaNotation: false,
  })
  return Buffer.from(packet.write())
}

describe.each(kinds)('an %s key', name => {
  it('signs as openpgp.js does, byte for byte', async () => {
    const key = keys.get(name)!
    const secret = readSecretKey(bodyOf(key))!
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.constantFrom(0, 1), async (bytes, type) => {
        // What is signed as text comes with canonical line ends; openpgp.js would mend others itself.
        const data = Buffer.from(type === 1 ? bytes.filter(byte => byte !== 0x0a) : bytes)
        expect(await makeSignature(secret, data, type, date)).toEqual(await oracle(key, data, type))
      }),
      { numRuns: 50 },
    )
  })

  it('is not read when it is cut short, longer, or its checksum is wrong', () => {
    const body = bodyOf(keys.get(name)!)
    for (let length = 0; length < body.length; length++)
      expect(readSecretKey(body.subarray(0, length))).toBeUndefined()
    expect(readSecretKey(Buffer.concat([body, Buffer.from([0])]))).toBeUndefined()
    const other = Buffer.from(body)
    other[body.length - 3]! ^= 1
    expect(readSecretKey(other)).toBeUndefined()
  })

  it('is not read when a passphrase protects it', async () => {
    const locked = await encryptKey({ privateKey: keys.get(name)!, passphrase: 'secret' })
    expect(readSecretKey(bodyOf(locked))).toBeUndefined()
  })
})
