import { createHash, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { writeNumber } from './numbers.ts'
import type { SecretKey } from './secret-key.ts'
import { trailerOf } from './signature-packet.ts'

const version = 4
const sha512 = 10

/**
 * The body of a signature packet over bytes, version 4, with SHA-512 (RFC 4880, 5.2.3): when it was made (`date`,
 * milliseconds since the epoch) and by which key, nothing else. The same input gives the same bytes. `type`: see `signatureTypes`.
 * @throws Error of `node:crypto` when the key cannot sign.
 */
export async function makeSignature(
  { publicKey, keyObject }: SecretKey,
  data: Buffer,
  type: number,
  date: number,
): Promise<Buffer> {
  const area = hashedArea(publicKey.fingerprint, date)
  const hashedPart = Buffer.concat([
    Buffer.from([version, type, publicKey.algorithm, sha512]),
    sixteenBits(area.length),
    area,
  ])
  const signed = Buffer.concat([data, trailerOf(hashedPart)])
  const digest = createHash('sha512').update(signed).digest()
  const numbers =
    keyObject.asymmetricKeyType === 'ed25519'
      ? halves(sign(null, digest, keyObject))
      : // On a thread of its own: of several keys and documents each takes milliseconds.
        [await promisify(sign)('sha512', signed, keyObject)]
  return Buffer.concat([hashedPart, sixteenBits(0), digest.subarray(0, 2), ...numbers.map(writeNumber)])
}

/** Creation time (critical), issuer key ID, issuer fingerprint. */
function hashedArea(fingerprint: string, date: number): Buffer {
  const created = Buffer.alloc(4)
  created.writeUInt32BE(Math.floor(date / 1000))
  const issuer = Buffer.from(fingerprint, 'hex')
  return Buffer.concat([
    Buffer.from([5, 0x80 | 2]),
    created,
    Buffer.from([9, 16]),
    issuer.subarray(-8),
    Buffer.from([22, 33, version]),
    issuer,
  ])
}

function halves(bytes: Buffer): Buffer[] {
  return [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)]
}

function sixteenBits(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}
