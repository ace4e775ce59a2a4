import { createCipheriv, type KeyObject, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { integer, objectIdentifier, octetString, sequence } from '../der.ts'

/** The dearest setting that OpenSSL accepts without being told to: 16 MiB and five passes for every guess at the passphrase. */
const cost = { N: 16_384, r: 8, p: 5 }

const identifiers = {
  pbes2: objectIdentifier('2a864886f70d01050d'),
  scrypt: objectIdentifier('2b06010401da47040b'),
  aes256Cbc: objectIdentifier('60864801650304012a'),
}

/**
 * A private key as an encrypted PEM file (RFC 5958, section 3): PBES2 (RFC 8018) with scrypt (RFC 7914) and AES-256-CBC. OpenSSL
 * and Node read it. Node itself writes such files with 2,048 rounds of PBKDF2, which a graphics card tries in no time.
 */
export async function encryptKey(key: KeyObject, passphrase: string): Promise<string> {
  const [salt, iv] = [randomBytes(16), randomBytes(16)]
  const secret = await promisify<string, Buffer, number, object, Buffer>(scrypt)(passphrase, salt, 32, cost)
  const cipher = createCipheriv('aes-256-cbc', secret, iv)
  const encrypted = Buffer.concat([
    cipher.update(key.export({ format: 'der', type: 'pkcs8' })),
    cipher.final(),
  ])
  const derivation = sequence(
    identifiers.scrypt,
    sequence(octetString(salt), whole(cost.N), whole(cost.r), whole(cost.p)),
  )
  const encryption = sequence(identifiers.aes256Cbc, octetString(iv))
  const algorithm = sequence(identifiers.pbes2, sequence(derivation, encryption))
  return pem('ENCRYPTED PRIVATE KEY', sequence(algorithm, octetString(encrypted)))
}

function whole(number: number): Buffer {
  const digits = number.toString(16)
  return integer(Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex'))
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
