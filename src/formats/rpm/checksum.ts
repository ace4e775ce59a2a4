import { type ByteString, YardError } from '../../model/index.ts'

/** Hexadecimal digits of each algorithm's digest. Only SHA-256 and longer count as proof; the others are read for what they are. */
const hexDigits = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 } as const

export type ChecksumAlgorithm = keyof typeof hexDigits

/** `hex` is in lower case. */
export interface Checksum {
  algorithm: ChecksumAlgorithm
  hex: string
}

/**
 * A checksum as repository metadata and metalinks write it; `sha` is the old name of `sha1`, and metalinks write `sha-256`.
 * @throws YardError `invalid` for an algorithm that is not known, which it names, and for a digest of another length.
 */
export function readChecksum(type: ByteString | undefined, text: ByteString, where: () => string): Checksum {
  const algorithm = algorithmOf(type)
  if (algorithm === undefined)
    throw new YardError(
      'invalid',
      `${where()}: unknown checksum algorithm ${JSON.stringify(type?.slice(0, 40) ?? '')}`,
      {
        hint: `known are ${Object.keys(hexDigits).join(', ')}`,
      },
    )
  const digits = hexDigits[algorithm]
  if (text.length === digits && /^[0-9a-f]+$/.test(text)) return { algorithm, hex: text }
  const hex = text.trim().toLowerCase()
  if (hex.length === digits && /^[0-9a-f]+$/.test(hex)) return { algorithm, hex }
  throw new YardError('invalid', `${where()}: malformed ${algorithm} ${JSON.stringify(text.slice(0, 140))}`)
}

/** Whether `readChecksum` knows an algorithm by this name. */
export function isChecksumAlgorithm(type: ByteString | undefined): boolean {
  return algorithmOf(type) !== undefined
}

function algorithmOf(type: ByteString | undefined): ChecksumAlgorithm | undefined {
  if (type === undefined) return undefined
  if (Object.hasOwn(hexDigits, type)) return type as ChecksumAlgorithm
  const name = type.toLowerCase().replace(/^sha-?(?=[0-9])/, 'sha')
  if (name === 'sha') return 'sha1'
  return Object.hasOwn(hexDigits, name) ? (name as ChecksumAlgorithm) : undefined
}
