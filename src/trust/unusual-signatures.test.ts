import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { readPrivateKey } from 'openpgp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askApt, askGpgv, createGnupg, type Gnupg } from './gnupg.fixture.ts'
import { type Keyring, parseKeyring } from './keyring.ts'
import { readArmour, writeArmour } from './openpgp/armour.ts'
import { writePacket } from './openpgp/packets.ts'
import { createSigningKey, type NewSigningKey } from './signing-key.ts'
import { verifyClearSigned, verifyDetached } from './verify.ts'

const data = Buffer.from('Origin: Example\nSuite: stable\n')
const hashed = Buffer.from('Origin: Example\r\nSuite: stable')
const now = Math.floor(Date.now() / 1000)

let gnupg: Gnupg
let key: NewSigningKey
let keyObject: KeyObject
let keyring: Keyring
let keyringFile: string

/** Signature packets that gpg itself does not make. */
beforeAll(async () => {
  gnupg = createGnupg()
  key = await createSigningKey({ algorithm: 'rsa4096', userId: 'Example', now: Date.now() - 60_000 })
  keyObject = await privateKeyOf(key)
  const binary = readArmour(Buffer.from(key.publicKeyArmoured), 'PUBLIC KEY BLOCK', true).value!
  keyringFile = gnupg.file(binary)
  keyring = parseKeyring(binary, keyringFile)
})

afterAll(() => gnupg.remove())

async function privateKeyOf({ privateKeyArmoured }: NewSigningKey): Promise<KeyObject> {
  const { keyPacket } = await readPrivateKey({ armoredKey: privateKeyArmoured })
  const { n, e } = keyPacket.publicParams as Record<string, Uint8Array>
  const { d, p, q } = (keyPacket as unknown as { privateParams: Record<string, Uint8Array> }).privateParams
  const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const bytes = (value: bigint) => Buffer.from(value.toString(16).padStart(512, '0'), 'hex')
  const inverse = power(number(q!), number(p!) - 2n, number(p!))
  const all = {
    n: n!,
    e: e!,
    d: d!,
    p: p!,
    q: q!,
    dp: bytes(number(d!) % (number(p!) - 1n)),
    dq: bytes(number(d!) % (number(q!) - 1n)),
    qi: bytes(inverse),
  }
  const jwk = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, Buffer.from(value).toString('base64url')]),
  )
  return createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' })
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let b = base % modulus, rest = exponent; rest > 0n; rest >>= 1n, b = (b * b) % modulus)
    if (rest & 1n) result = (result * b) % modulus
  return result
}

function uint(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes)
  out.writeUIntBE(value, 0, bytes)
  return out
}

function keyIdBytes(): Buffer {
  return Buffer.from(key.fingerprint.slice(24), 'hex')
}

function number(bytes: Buffer): Buffer {
  const bits = BigInt(`0x${bytes.toString('hex')}`).toString(2).length
  return Buffer.concat([uint(bits, 2), bytes.subarray(bytes.length - ((bits + 7) >> 3))])
}

function version3(type: number, content: Buffer): Buffer {
  const trailer = Buffer.concat([Buffer.from([type]), uint(now, 4)])
  const signature = sign('sha512', Buffer.concat([content, trailer]), keyObject)
  const head = Buffer.concat([Buffer.from([3, 5]), trailer, keyIdBytes(), Buffer.from([1, 10, 0, 0])])
  return writePacket(2, Buffer.concat([head, number(signature)]))
}

interface Version4 {
  type: number
  content: Buffer
  hashedExtra?: Buffer
  unhashed?: Buffer
}

const created = Buffer.concat([Buffer.from([5, 2]), uint(now, 4)])

function version4({ type, content, hashedExtra = Buffer.alloc(0), unhashed }: Version4): Buffer {
  const area = Buffer.concat([created, hashedExtra])
  const head = Buffer.concat([Buffer.from([4, type, 1, 10]), uint(area.length, 2), area])
  const trailer = Buffer.concat([head, Buffer.from([4, 0xff]), uint(head.length, 4)])
  const signature = sign('sha512', Buffer.concat([content, trailer]), keyObject)
  const issuer = unhashed ?? Buffer.concat([Buffer.from([9, 16]), keyIdBytes()])
  const rest = [uint(issuer.length, 2), issuer, Buffer.alloc(2), number(signature)]
  return writePacket(2, Buffer.concat([head, ...rest]))
}

function clearSigned(...packets: Buffer[]): Buffer {
  const armour = writeArmour('SIGNATURE', Buffer.concat(packets))
  return Buffer.from(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${data}${armour}`)
}

async function acceptedClear(document: Buffer): Promise<boolean> {
  const ours = await accepted(verifyClearSigned(document, keyring, { now: Date.now(), object: 'InRelease' }))
  const oracle = askGpgv(gnupg, keyringFile, document)
  expect(ours, `gpgv: ${oracle.statuses}`).toBe(oracle.accepted)
  return ours
}

async function acceptedDetached(...packets: Buffer[]): Promise<boolean> {
  const signature = Buffer.concat(packets)
  const ours = await accepted(
    verifyDetached(data, signature, keyring, { now: Date.now(), object: 'Release' }),
  )
  const oracle = askGpgv(gnupg, keyringFile, signature, data)
  expect(ours, `gpgv: ${oracle.statuses}`).toBe(oracle.accepted)
  return ours
}

async function accepted(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    error => {
      expect(error).toMatchObject({ name: 'YardError', code: 'untrusted' })
      return false
    },
  )
}

function subpacket(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length + 1, type]), body])
}

describe('a version 3 signature', () => {
  it('is accepted, over text and over bytes', async () => {
    expect(await acceptedClear(clearSigned(version3(1, hashed)))).toBe(true)
    expect(await acceptedDetached(version3(0, data))).toBe(true)
  })

  it('over other text is bad', async () => {
    expect(await acceptedClear(clearSigned(version3(1, Buffer.from('other'))))).toBe(false)
  })
})

describe('a version 4 signature', () => {
  it('of bytes instead of text is refused in the clear, as by apt, though not by gpgv', async () => {
    const document = clearSigned(version4({ type: 0, content: hashed }))
    const ours = verifyClearSigned(document, keyring, { now: Date.now(), object: 'InRelease' })
    await expect(ours).rejects.toThrow('one of its signatures is not over text')
    expect(askApt(gnupg, keyringFile, document)).toBe(false)
    expect(askGpgv(gnupg, keyringFile, document).accepted).toBe(true)
  })

  it('over something other than a document does not count', async () => {
    expect(await acceptedDetached(version4({ type: 0x10, content: data }))).toBe(false)
    expect(await acceptedDetached(version4({ type: 2, content: Buffer.alloc(0) }))).toBe(false)
  })

  it('that demands what nobody understands is bad, one that suggests it is good', async () => {
    const demanding = subpacket(0x80 | 99, Buffer.from('x'))
    expect(await acceptedDetached(version4({ type: 0, content: data, hashedExtra: demanding }))).toBe(false)
    const suggesting = subpacket(99, Buffer.from('x'))
    expect(await acceptedDetached(version4({ type: 0, content: data, hashedExtra: suggesting }))).toBe(true)
  })

  it('with a critical creation time is good', async () => {
    const critical = subpacket(0x80 | 4, Buffer.from([1]))
    expect(await acceptedDetached(version4({ type: 0, content: data, hashedExtra: critical }))).toBe(true)
  })

  it('whose subpackets lead out of their area is bad', async () => {
    expect(
      await acceptedDetached(version4({ type: 0, content: data, hashedExtra: Buffer.from([200]) })),
    ).toBe(false)
  })

  it('that names its issuer by fingerprint alone is good', async () => {
    const fingerprint = subpacket(33, Buffer.from(`04${key.fingerprint}`, 'hex'))
    const packet = version4({ type: 0, content: data, hashedExtra: fingerprint, unhashed: Buffer.alloc(0) })
    expect(await acceptedDetached(packet)).toBe(true)
  })

  it('that names no issuer is by an unknown key', async () => {
    expect(await acceptedDetached(version4({ type: 0, content: data, unhashed: Buffer.alloc(0) }))).toBe(
      false,
    )
  })

  it('whose other-area expiry says that it expired is good: that area is not signed', async () => {
    const unhashed = Buffer.concat([Buffer.from([9, 16]), keyIdBytes(), subpacket(3, uint(1, 4))])
    expect(await acceptedDetached(version4({ type: 0, content: data, unhashed }))).toBe(true)
  })
})

describe('a signature that is not what it seems', () => {
  /** The same packet with other bytes from this offset of its body on. */
  const changed = (packet: Buffer, offset: number, ...bytes: number[]) => {
    const copy = Buffer.from(packet)
    copy.set(bytes, 6 + offset)
    return copy
  }
  const good = () => version4({ type: 0, content: data })

  it('with an unknown digest hides those behind it when it is the first, as in gpgv', async () => {
    const unknown = changed(good(), 3, 72)
    expect(await acceptedDetached(unknown, good())).toBe(false)
    expect(await acceptedDetached(good(), unknown)).toBe(true)
  })

  it("that claims another algorithm than the key's is bad, and condemns the document", async () => {
    const body = changed(good(), 2, 17).subarray(6)
    const claiming = writePacket(2, Buffer.concat([body, number(Buffer.from([1]))]))
    expect(await acceptedDetached(good(), claiming)).toBe(false)
  })

  it('that demands a notation longer than itself is bad', async () => {
    const notation = Buffer.from('\0\0\0\0\0\x80\0\0preferred-email-encoding@pgp.com', 'latin1')
    const unhashed = Buffer.concat([Buffer.from([9, 16]), keyIdBytes(), subpacket(0x80 | 20, notation)])
    expect(await acceptedDetached(version4({ type: 0, content: data, unhashed }))).toBe(false)
  })

  it('that would expire beyond 2106 has expired, as in gpgv', async () => {
    const hashedExtra = subpacket(3, Buffer.alloc(4, 0xff))
    expect(await acceptedDetached(version4({ type: 0, content: data, hashedExtra }))).toBe(false)
  })

  it('that is wrong and older than its key condemns the document, as for apt', async () => {
    const old = changed(good(), 8, 0, 0, 0, 1)
    const armour = Buffer.from(writeArmour('SIGNATURE', Buffer.concat([good(), old])))
    const ours = verifyDetached(data, armour, keyring, { now: Date.now(), object: 'Release' })
    await expect(ours).rejects.toThrow('is bad')
    expect(askApt(gnupg, keyringFile, armour, data)).toBe(false)
    expect(askGpgv(gnupg, keyringFile, armour, data).accepted).toBe(true)
  })

  it('that is too short to be one condemns the document', async () => {
    const short = Buffer.concat([good(), writePacket(2, Buffer.alloc(15))])
    const ours = verifyDetached(data, short, keyring, { now: Date.now(), object: 'Release' })
    await expect(ours).rejects.toThrow('too short')
  })
})

describe('a signature of an unknown version', () => {
  it('ends the reading, as in gpgv: those before it count, those behind it do not', async () => {
    const good = version4({ type: 0, content: data })
    const unknown = writePacket(2, Buffer.concat([Buffer.from([6]), Buffer.alloc(200)]))
    expect(await acceptedDetached(good, unknown)).toBe(true)
    expect(await acceptedDetached(unknown, good)).toBe(false)
  })
})

it('more than 64 signatures are refused', async () => {
  const packets = Buffer.concat(Array.from({ length: 65 }, () => version4({ type: 0, content: data })))
  const work = verifyDetached(data, packets, keyring, { now: Date.now(), object: 'Release' })
  await expect(work).rejects.toThrow('more than 64 signatures')
})
