import { type ByteString, YardError } from '../model/index.ts'

/** The object of a message; asked for only when there is one, because indexes have many stanzas and few faults. */
export type Where = () => string

/**
 * A name, version or architecture as an index gives it: one word that can be a part of a key and of a path. Whether dpkg
 * would take it is not asked: an odd package upstream must not stop a mirror.
 * @throws YardError `invalid` when it is missing, longer than 255 bytes, or has a blank, a slash or a control character.
 */
export function checkToken(value: ByteString | undefined, field: string, where: Where): ByteString {
  if (value === undefined || value === '') throw new YardError('invalid', `${where()}: it has no ${field}`)
  if (value.length <= 255 && /^[^\0-\x20\x7f/]+$/.test(value)) return value
  throw new YardError('invalid', `${where()}: malformed ${field} ${JSON.stringify(value.slice(0, 80))}`)
}

/** Decimal digits up to the largest safe integer: bytes, or whatever `field` counts. @throws YardError `invalid` */
export function checkSize(value: ByteString | undefined, field: string, where: Where): number {
  if (value === undefined) throw new YardError('invalid', `${where()}: it has no ${field}`)
  const size = Number(value)
  if (/^[0-9]{1,16}$/.test(value) && Number.isSafeInteger(size)) return size
  throw new YardError('invalid', `${where()}: malformed ${field} ${JSON.stringify(value.slice(0, 80))}`)
}
