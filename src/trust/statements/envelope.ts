import { canonicalJson, type Json, YardError } from '../../model/index.ts'
import { isSignedBy, type StatementKey, type StatementSigner } from './statement-key.ts'

/**
 * A signed statement that stands alone (a halt, a host's card, a report): a DSSE envelope, version 1
 * (github.com/secure-systems-lab/dsse). The type is signed with the payload, so that none is taken for another.
 */
export interface Envelope {
  payloadType: string
  /** Base64 of the statement's canonical JSON. */
  payload: string
  signatures: { keyid: string; sig: string }[]
}

/** What an envelope may hold. */
export const payloadTypes = {
  halt: 'application/vnd.switchyard.halt+json',
  card: 'application/vnd.switchyard.card+json',
  report: 'application/vnd.switchyard.report+json',
  enrolment: 'application/vnd.switchyard.enrolment+json',
  renewal: 'application/vnd.switchyard.renewal+json',
} as const
export type PayloadKind = keyof typeof payloadTypes

/** Enough for every statement of ours, and for what its signers add. */
const maximumSignatures = 32

export function sealEnvelope(
  kind: PayloadKind,
  statement: object,
  signers: readonly StatementSigner[],
): Envelope {
  const payloadType = payloadTypes[kind]
  const payload = Buffer.from(canonicalJson(statement as Json))
  const signed = preAuthenticationEncoding(payloadType, payload)
  return {
    payloadType,
    payload: payload.toString('base64'),
    signatures: signers.map(({ key, sign }) => ({ keyid: key.keyid, sig: sign(signed).toString('base64') })),
  }
}

/** The envelope with one more signature; a second one of the same key replaces the first. */
export function countersign(envelope: Envelope, { key, sign }: StatementSigner): Envelope {
  const signed = preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64'))
  const others = envelope.signatures.filter(({ keyid }) => keyid !== key.keyid)
  return {
    ...envelope,
    signatures: [...others, { keyid: key.keyid, sig: sign(signed).toString('base64') }],
  }
}

export interface EnvelopeTrust {
  keys: readonly StatementKey[]
  /** So many different keys must have signed. */
  threshold: number
  /** For messages: where the text came from. */
  object: string
}

/**
 * What an envelope states, once enough of the keys have signed it. Each key counts once; signatures of unknown keys count for nothing.
 * @param text its JSON.
 * @throws YardError `untrusted`: no envelope, one of another kind, or too few signatures.
 */
export function openEnvelope(kind: PayloadKind, text: string, trust: EnvelopeTrust): unknown {
  const envelope = readEnvelope(text)
  if (envelope === undefined) throw untrusted(trust, 'it is not a signed envelope')
  if (envelope.payloadType !== payloadTypes[kind])
    throw untrusted(trust, `it is no ${kind}, but says that it is ${JSON.stringify(envelope.payloadType)}`)
  const payload = Buffer.from(envelope.payload, 'base64')
  const signed = preAuthenticationEncoding(envelope.payloadType, payload)
  const signers = new Set(
    envelope.signatures.flatMap(({ keyid, sig }) => {
      const key = trust.keys.find(one => one.keyid === keyid)
      return key !== undefined && isSignedBy(key, signed, Buffer.from(sig, 'base64')) ? [key.keyid] : []
    }),
  )
  if (signers.size < trust.threshold)
    throw untrusted(trust, `${signers.size} of ${trust.threshold} keys that may sign it have`)
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch {
    throw untrusted(trust, 'what is signed is not JSON')
  }
}

/** Undefined: the text is no envelope. Nothing in it may be believed yet. */
export function readEnvelope(text: string): Envelope | undefined {
  try {
    const { payloadType, payload, signatures } = JSON.parse(text) as Envelope
    const isOne =
      typeof payloadType === 'string' &&
      typeof payload === 'string' &&
      Array.isArray(signatures) &&
      signatures.length <= maximumSignatures &&
      signatures.every(one => typeof one?.keyid === 'string' && typeof one.sig === 'string')
    if (!isOne) return undefined
    // The same bytes can be written in many ways, and only the bytes are signed: one statement is one text.
    return { payloadType, payload: Buffer.from(payload, 'base64').toString('base64'), signatures }
  } catch {
    return undefined
  }
}

/** PAE of the DSSE protocol: lengths in bytes, so that type and payload cannot run into each other. */
function preAuthenticationEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])
}

function untrusted({ object }: EnvelopeTrust, why: string): YardError {
  return new YardError('untrusted', `${object}: ${why}; nothing was changed`)
}
