import { randomBytes, timingSafeEqual } from 'node:crypto'
import { type Digest, digestOf, isName, type Name } from '../model/index.ts'

const secretBytes = 32

/** A token of the API, or one by which machines become hosts. */
export type TokenKind = 'api' | 'host'

const prefixes = { api: 'swyd', host: 'swyh' } as const

/** A new token of that name, to be shown once, and the digest of its whole text, which is all that is kept. */
export function makeToken(name: Name, kind: TokenKind = 'api'): { token: string; digest: Digest } {
  const token = `${prefixes[kind]}_${name}_${randomBytes(secretBytes).toString('base64url')}`
  return { token, digest: digestOf(Buffer.from(token)) }
}

/** The name that a token's text claims; undefined: it is not the text of a token. */
export function nameInToken(text: string, kind: TokenKind = 'api'): Name | undefined {
  const [, prefix, name] = /^(swyd|swyh)_([a-z0-9.-]{1,63})_[A-Za-z0-9_-]{43}$/.exec(text) ?? []
  return prefix === prefixes[kind] && isName(name!) ? name : undefined
}

/** Whether a text is the token of that digest; takes as long whatever the answer is. */
export function isTokenOf(text: string, digest: Digest): boolean {
  return timingSafeEqual(Buffer.from(digestOf(Buffer.from(text)), 'hex'), Buffer.from(digest, 'hex'))
}
