import {
  type HostCard,
  isName,
  isTimestamp,
  isYardError,
  maximumCardBytes,
  YardError,
} from '../model/index.ts'
import { openEnvelope, type Standing } from '../trust/pure.ts'
import { type Answer, type Connection, connectTo, unreachable } from './host/http.ts'
import type { Identity } from './identity.ts'
import { parseObject } from './identity.ts'
import type { YardServer } from './places/place.ts'
import type { Limits } from './settings.ts'

/** The yard's own server, over a connection that the host's certificate proves. */
export function connectToYard(
  { server, ca, certificate }: Identity,
  key: string,
  limits: Limits,
): YardServer {
  const origin = new URL(server)
  return { origin: origin.origin, ca, connection: connectTo(origin, { ca, key, certificate }, limits) }
}

/**
 * One question to the server.
 * @returns the body of a good answer; undefined where there is nothing.
 * @throws YardError `unavailable`: try again later; `refused`: it knows who asks, and says no, with the reason that it gives.
 */
export async function askYard(
  { origin, connection }: Pick<YardServer, 'origin' | 'connection'>,
  question: Parameters<Connection['ask']>[0],
): Promise<string | undefined> {
  const answer = await connection.ask(question).catch((error: unknown) => {
    throw unreachable(origin, error)
  })
  const { status, body } = answer
  if (status === 404 && question.method !== 'POST') return undefined
  if (status >= 200 && status < 300) {
    if (body.length > question.maximum)
      throw new YardError('invalid', `${origin} answers more than the ${question.maximum} bytes that it may`)
    return body.toString('utf8')
  }
  throw new YardError(
    isTemporary(status) ? 'unavailable' : 'refused',
    `${origin} answers: ${reasonIn(answer)}`,
  )
}

/** Whether a server that answers so may answer otherwise another time. */
export function isTemporary(status: number): boolean {
  return status >= 500 || status === 404 || status === 408 || status === 429
}

/**
 * This host's card, when the server has another one than is known.
 * @param known the envelope of the card that was believed last.
 * @throws YardError as askYard, and `untrusted` for a card that is not signed, not this host's, or older than the one that is known.
 */
export async function fetchCard(
  server: YardServer,
  { host }: Identity,
  { cardKeys }: Standing,
  known: string | undefined,
): Promise<{ card: HostCard; envelope: string } | undefined> {
  const envelope = await askYard(server, { path: '/hosts/v1/card', maximum: maximumCardBytes })
  if (envelope === undefined) return undefined
  const object = `the card from ${server.origin}`
  const card = openEnvelope('card', envelope, { ...cardKeys, object })
  const wrong = (why: string) => new YardError('untrusted', `${object}: ${why}; the one at hand stays`)
  if (!isCard(card)) throw wrong('it is no card that this program knows')
  if (card.host !== host) throw wrong(`it is of host ${card.host}, not of this one`)
  const seen = known === undefined ? 0 : counterIn(known, cardKeys)
  if (card.counter < seen) throw wrong(`its counter is ${card.counter}, and ${seen} was seen (rollback)`)
  return { card, envelope }
}

/** 0: these keys did not sign it. What keys signed that were replaced counts no more, or a thief of theirs could shut out every card to come. */
function counterIn(envelope: string, keys: Standing['cardKeys']): number {
  try {
    return (openEnvelope('card', envelope, { ...keys, object: 'the card at hand' }) as HostCard).counter
  } catch (error) {
    if (isYardError(error, 'untrusted')) return 0
    throw error
  }
}

/** What `mayStart` and `why` read is what they expect. */
function isCard(value: unknown): value is HostCard {
  const { version, host, counter, expires, train, channel, labels, rankGroup, hold, borrowing, opened } =
    Object(value) as { [field in keyof HostCard]?: unknown }
  const isTime = (text: unknown) => typeof text === 'string' && isTimestamp(text)
  const isPart = (part: unknown, isWhole: (fields: { [field: string]: unknown }) => boolean) =>
    part === undefined ||
    (typeof part === 'object' && part !== null && isWhole(part as { [field: string]: unknown }))
  return (
    version === 1 &&
    typeof host === 'string' &&
    Number.isSafeInteger(counter) &&
    isTime(expires) &&
    [train, channel].every(name => typeof name === 'string' && isName(name)) &&
    isPart(labels ?? null, one => Object.values(one).every(label => typeof label === 'string')) &&
    typeof rankGroup === 'string' &&
    isPart(
      hold,
      ({ who, why, until }) =>
        typeof who === 'string' && typeof why === 'string' && (until === undefined || isTime(until)),
    ) &&
    isPart(
      borrowing,
      ({ who, until, release }) =>
        typeof who === 'string' && isTime(until) && isPart(release ?? null, one => isTime(one.release)),
    ) &&
    isPart(
      opened,
      one =>
        typeof one.attempt === 'string' &&
        typeof one.rankGroup === 'string' &&
        isPart(one.labels ?? null, () => true),
    )
  )
}

/** The server's own words, on one line. */
function reasonIn({ status, body }: Answer): string {
  const text = body.subarray(0, 600).toString('utf8')
  const said = parseObject<{ error: { message: string } }>(text)?.error?.message ?? text
  const line = String(said)
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
  return line === '' ? `status ${status}` : `${line} (status ${status})`
}
