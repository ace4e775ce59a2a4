import type { ByteString } from '../../model/index.ts'

const shape = /^https?:\/\/[!#-;=?-Z\]_a-z~[]{1,2000}$/i

/** A URL that a client may be sent to: http or https, absolute, in ASCII, without credentials; else undefined. */
export function mirrorUrlOf(text: ByteString): string | undefined {
  if (!shape.test(text) || !URL.canParse(text)) return undefined
  const { username, password } = new URL(text)
  return username === '' && password === '' ? text : undefined
}
