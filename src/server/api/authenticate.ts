import { setTimeout as delay } from 'node:timers/promises'
import {
  covers,
  coversSome,
  type Digest,
  digestOf,
  isYardError,
  type Right,
  type RightName,
  YardError,
} from '../../model/index.ts'
import type { Bearer } from '../../yard/index.ts'

/** Whoever brings a wrong token waits so long, in milliseconds. */
const penalty = 1_000
/** So many are tried, or wait, at once; meanwhile only tokens that were good lately are looked at. */
const mostTried = 32
/** Digests of tokens that were good are remembered, so many. */
const mostRemembered = 1_000

export interface Guard {
  /**
   * Who asks, by the Authorization header.
   * @throws YardError `unauthenticated`; `busy` while too many wrong tokens are tried.
   */
  bearerOf(authorization: string | undefined): Promise<Bearer>
}

/** Knows who asks, and bounds how many tokens can be tried: 32 a second, over all who try. */
export function createGuard(authenticate: (token: string) => Promise<Bearer>, wait = penalty): Guard {
  const good = new Set<Digest>()
  const tried = new Map<Digest, Promise<Bearer>>()

  function remember(digest: Digest): void {
    good.delete(digest)
    good.add(digest)
    if (good.size > mostRemembered) good.delete(good.values().next().value!)
  }

  async function attempt(token: string, digest: Digest): Promise<Bearer> {
    try {
      const bearer = await authenticate(token)
      remember(digest)
      return bearer
    } catch (error) {
      good.delete(digest)
      if (isYardError(error, 'unauthenticated')) await delay(wait)
      throw error
    }
  }

  return {
    async bearerOf(authorization) {
      const token = /^Bearer +(\S{1,300})$/i.exec(authorization ?? '')?.[1]
      if (token === undefined) throw missing()
      const digest = digestOf(Buffer.from(token))
      if (good.has(digest)) return attempt(token, digest)
      const underWay = tried.get(digest)
      if (underWay !== undefined) return underWay
      if (tried.size >= mostTried) throw tooMany()
      const attempted = attempt(token, digest).finally(() => tried.delete(digest))
      tried.set(digest, attempted)
      return attempted
    },
  }
}

function missing(): YardError {
  return new YardError('unauthenticated', 'this needs a token, and none came; nothing was changed', {
    hint: 'make one with `switchyard token create`, and send it as `Authorization: Bearer TOKEN` (--token FILE)',
  })
}

function tooMany(): YardError {
  return new YardError('busy', 'too many wrong tokens are being tried at this moment; nothing was changed', {
    hint: 'try again in a moment',
  })
}

/** @throws YardError `forbidden` when the token has not the right of anything. */
export function checkRight({ name, rights }: Bearer, right: RightName | 'any'): void {
  if (right !== 'any' && !coversSome(rights, right)) throw forbidden(name, [right])
}

/** @throws YardError `forbidden` that names what is missing. */
export function checkRights({ name, rights }: Bearer, asked: readonly Right[]): void {
  const lacking = asked.filter(right => !covers(rights, right))
  if (lacking.length > 0) throw forbidden(name, lacking)
}

function forbidden(name: string, lacking: readonly Right[]): YardError {
  const more = lacking.length > 5 ? ` and ${lacking.length - 5} more` : ''
  return new YardError(
    'forbidden',
    `the token ${name} has not the right ${lacking.slice(0, 5).join(', ')}${more}; nothing was changed`,
    { hint: 'ask for a token that has it: `switchyard token create NAME --may RIGHT`' },
  )
}
