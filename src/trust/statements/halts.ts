import { type Halt, isName, isTimestamp, YardError } from '../../model/index.ts'
import { type Envelope, openEnvelope, readEnvelope } from './envelope.ts'
import { haltField } from './layout.ts'
import { type StatementKey, statementKeyOf } from './statement-key.ts'

/**
 * A file of halts (`halt/latest.json`, `halt/NUMBER.json`, what `switchyard stop --out` writes): a JSON array of envelopes, newest first.
 * `latest.json` holds all that may bind somebody, so that a host which slept through one still gets it, from any place and
 * without knowing numbers; each is signed by itself, so whoever adds to the file can do no harm.
 */
export const maximumHaltBytes = 256 * 1024
/** The most halts of one file. */
const maximumHalts = 64
/** The most names in a halt's scope, and the most characters of what people write into it. */
export const maximumScope = 64
export const maximumHaltText = 1000

/** Who may stop: keys of root, and how many of them it takes. */
export interface HaltTrust {
  keys: readonly StatementKey[]
  threshold: number
}

/** A halt that was verified, and the envelope that proves it. */
export interface OpenedHalt {
  halt: Halt
  envelope: Envelope
}

/**
 * Who may stop, as root says.
 * @param root its signed part.
 * @returns nobody where root does not say, or says it wrongly.
 */
export function haltTrustOf(root: { [field: string]: unknown }): HaltTrust {
  const { keyids, threshold } = (root[haltField] ?? {}) as { keyids?: unknown; threshold?: unknown }
  const keys = (root.keys ?? {}) as { [keyid: string]: { keyval?: { public?: unknown } } }
  if (!Array.isArray(keyids) || !Number.isSafeInteger(threshold) || (threshold as number) < 1)
    return { keys: [], threshold: 1 }
  const listed = keyids.flatMap(keyid => {
    const hex = keys[keyid]?.keyval?.public
    return typeof hex === 'string' && /^[0-9a-f]{64}$/.test(hex) ? [statementKeyOf(hex)] : []
  })
  return { keys: listed, threshold: threshold as number }
}

/**
 * The halts of a file that enough of the keys have signed, newest first, each once. What nobody signed counts for nothing, and
 * hides none of the others.
 * @param text of at most `maximumHaltBytes`.
 * @throws YardError `untrusted` when the text is no file of halts.
 */
export function openHalts(text: string, trust: HaltTrust & { object: string }): OpenedHalt[] {
  const envelopes = readHalts(text)
  if (envelopes === undefined)
    throw new YardError('untrusted', `${trust.object}: it is no file of halts; nothing was changed`)
  return envelopes.flatMap(envelope => {
    try {
      return [{ halt: openHalt(envelope, trust), envelope }]
    } catch (error) {
      if (error instanceof YardError) return []
      throw error
    }
  })
}

/** The envelopes of a file of halts, unverified; undefined: it is none. */
export function readHalts(text: string): Envelope[] | undefined {
  if (text.length > maximumHaltBytes) return undefined
  try {
    const list: unknown = JSON.parse(text)
    if (!Array.isArray(list) || list.length > maximumHalts) return undefined
    const envelopes = list.map(one => readEnvelope(JSON.stringify(one)))
    return envelopes.every(one => one !== undefined) ? withHalts([], envelopes) : undefined
  } catch {
    return undefined
  }
}

/** @throws YardError `untrusted`: too few signatures, or what is signed is no halt. */
export function openHalt(envelope: Envelope, trust: HaltTrust & { object: string }): Halt {
  const statement = openEnvelope('halt', JSON.stringify(envelope), trust)
  if (isHalt(statement)) return statement
  throw new YardError('untrusted', `${trust.object}: what is signed is no halt; nothing was changed`)
}

/** What an envelope claims to be; undefined: no halt. Nothing in it may be believed yet. */
export function claimedHalt(envelope: Envelope): Halt | undefined {
  try {
    const statement: unknown = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))
    return isHalt(statement) ? statement : undefined
  } catch {
    return undefined
  }
}

/** Two files of halts as one: each halt once, with the signatures of both; newest first. */
export function withHalts(one: readonly Envelope[], other: readonly Envelope[]): Envelope[] {
  const byPayload = new Map<string, Envelope>()
  for (const envelope of [...one, ...other]) {
    const { payload, payloadType } = envelope
    const known = byPayload.get(`${payloadType} ${payload}`)
    byPayload.set(`${payloadType} ${payload}`, known === undefined ? envelope : merged(known, envelope))
  }
  const numberOf = (envelope: Envelope) => claimedHalt(envelope)?.number ?? 0
  return [...byPayload.values()].sort((a, b) => numberOf(b) - numberOf(a))
}

/** Whether hosts take that many halts in one file. */
export function isWithinBounds(envelopes: readonly Envelope[]): boolean {
  return envelopes.length <= maximumHalts && Buffer.byteLength(haltsText(envelopes)) <= maximumHaltBytes
}

function merged(one: Envelope, other: Envelope): Envelope {
  const known = new Set(one.signatures.map(({ keyid }) => keyid))
  return {
    ...one,
    signatures: [...one.signatures, ...other.signatures.filter(({ keyid }) => !known.has(keyid))],
  }
}

export function haltsText(envelopes: readonly Envelope[]): string {
  return `${JSON.stringify(envelopes, undefined, 1)}\n`
}

function isHalt(value: unknown): value is Halt {
  if (typeof value !== 'object' || value === null) return false
  const { version, number, scope, who, why, at } = value as { [field in keyof Halt]: unknown }
  const isText = (text: unknown) => typeof text === 'string' && text.length <= maximumHaltText
  return (
    version === 1 &&
    Number.isSafeInteger(number) &&
    (number as number) > 0 &&
    Array.isArray(scope) &&
    scope.length <= maximumScope &&
    scope.every(isScope) &&
    isText(who) &&
    isText(why) &&
    typeof at === 'string' &&
    isTimestamp(at)
  )
}

/** `TRAIN` or `TRAIN/CHANNEL`. */
function isScope(text: unknown): boolean {
  if (typeof text !== 'string') return false
  const names = text.split('/')
  return names.length <= 2 && names.every(isName)
}
