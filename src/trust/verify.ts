import { YardError } from '../model/index.ts'
import { type HashedForm, type Judgement, judgeSignature, type Signer } from './judgement.ts'
import { type Keyring, packageOf } from './keyring.ts'
import { hashAlgorithmOf } from './openpgp/algorithms.ts'
import { type Read, readArmour } from './openpgp/armour.ts'
import {
  hashedFormOfClearText,
  hashedFormOfText,
  hasTooLongLine,
  splitClearSigned,
} from './openpgp/clear-text.ts'
import { packetTags, readPackets } from './openpgp/packets.ts'
import { readSignature, type Signature, signatureTypes } from './openpgp/signature-packet.ts'

export interface VerifyOptions {
  /** Milliseconds since the epoch. */
  now: number
  /** What is being verified, for messages: a URL or a path. */
  object: string
}

/** A document that at least one key of the keyring vouches for. */
export interface Verified {
  /** Exactly the bytes that are signed; nothing else of the document may be believed. */
  signed: Buffer
  signers: Signer[]
  /** Primary fingerprints of `signers`, each once. */
  fingerprints: string[]
  /** Key IDs (16 digits) of the keys that signed, each once. */
  keyIds: string[]
  /** Of the newest good signature, in milliseconds since the epoch. */
  signedAt: number
  /**
   * The same bytes with the same keyring (`digest`) give the same answer until this moment, in milliseconds since the
   * epoch: then a key or a signature expires. Undefined: for ever.
   */
  reverifyAt: number | undefined
}

const maxDocument = 64 * 1024 * 1024
const maxSignature = 1024 * 1024
/** Of a signature packet's body; as gpg. */
const minSignature = 16
/** Each good one costs hashing the document once more. */
const maxSignatures = 64

/**
 * Verifies a clear-signed document (`InRelease`). A signature is judged as gpgv 2.2 does, the document as apt does with
 * gpgv's answers: one good signature by a key of the keyring is enough; signatures by unknown keys, by expired or revoked
 * keys, with weak digests (MD5, SHA-1, RIPEMD-160), or that cannot be computed are passed over; one that a known key did
 * not make of this text condemns the document.
 * @throws YardError `untrusted`, naming object, keyring, and what is wrong with each signature.
 */
export async function verifyClearSigned(
  bytes: Buffer,
  keyring: Keyring,
  options: VerifyOptions,
): Promise<Verified> {
  if (bytes.length > maxDocument) throw malformed(options, `it is larger than ${maxDocument >> 20} MiB`)
  const split = splitClearSigned(bytes)
  if (split.fault !== undefined) throw malformed(options, split.fault)
  const { text, signature } = split.value
  const signatures = readSignatures(readArmouredSignature(signature), options)
  // Over bytes it would be over other line breaks than the client's, so that no apt accepted it.
  if (signatures.some(({ type }) => type !== signatureTypes.text))
    throw malformed(options, 'one of its signatures is not over text')
  const hashed = hashedFormOfClearText(text)
  return judge(text, signatures, () => hashed, keyring, options)
}

/**
 * Verifies a document against a signature that stands in a file of its own (`Release.gpg`), armoured or binary, by
 * the rules of `verifyClearSigned`. `signed` is `bytes`.
 * @throws YardError `untrusted`, naming object, keyring, and what is wrong with each signature.
 */
export async function verifyDetached(
  bytes: Buffer,
  signature: Buffer,
  keyring: Keyring,
  options: VerifyOptions,
): Promise<Verified> {
  if (bytes.length > maxDocument) throw malformed(options, `it is larger than ${maxDocument >> 20} MiB`)
  const binary = signature.length > 0 && signature[0]! >= 0x80
  const all = readSignatures(binary ? { value: signature } : readArmouredSignature(signature), options)
  // As gpgv: where signatures are of different types, only the first is looked at.
  const signatures = all.every(({ type }) => type === all[0]!.type) ? all : all.slice(0, 1)
  let text: Buffer | undefined
  const hashedForm = (type: number) => {
    if (type === signatureTypes.binary) return bytes
    if (text === undefined && hasTooLongLine(bytes))
      throw malformed(options, 'a line of it is too long for gpgv')
    text ??= hashedFormOfText(bytes)
    return text
  }
  return judge(bytes, signatures, hashedForm, keyring, options)
}

function readArmouredSignature(armoured: Buffer): Read<Buffer> {
  if (armoured.length > maxSignature)
    return { fault: `its signatures are larger than ${maxSignature >> 20} MiB` }
  return readArmour(armoured, 'SIGNATURE', true)
}

/** As gpgv: behind a signature packet that it cannot read, it reads no other; behind a first one with an unknown digest it checks none. */
function readSignatures(content: Read<Buffer>, options: VerifyOptions): Signature[] {
  if (content.fault !== undefined) throw malformed(options, content.fault)
  if (content.value.length > maxSignature)
    throw malformed(options, `its signatures are larger than ${maxSignature >> 20} MiB`)
  const { packets, fault } = readPackets(content.value)
  if (fault !== undefined) throw malformed(options, `its signature is damaged: ${fault}`)
  if (packets.some(({ tag }) => tag !== packetTags.signature))
    throw malformed(options, 'among its signatures is something that is none')
  if (packets.length > maxSignatures) throw malformed(options, `it has more than ${maxSignatures} signatures`)
  // gpgv takes these for signatures of type 0, and then may look at the first one only.
  if (packets.some(({ body }) => body.length < minSignature))
    throw malformed(options, 'one of its signatures is too short')
  const signatures: Signature[] = []
  for (const { body } of packets) {
    const signature = readSignature(body)
    if (signature === undefined) break
    signatures.push(signature)
  }
  if (signatures.length === 0) throw malformed(options, 'its signature cannot be read')
  if (hashAlgorithmOf(signatures[0]!.hashAlgorithm) === undefined)
    throw malformed(options, 'its first signature uses an unknown digest')
  return signatures
}

function judge(
  signed: Buffer,
  signatures: Signature[],
  hashedForm: HashedForm,
  keyring: Keyring,
  options: VerifyOptions,
): Verified {
  const judgements: Judgement[] = []
  for (const signature of signatures) {
    const judgement = judgeSignature(signature, hashedForm, keyring, Math.floor(options.now / 1000))
    judgements.push(judgement)
    if (judgement.last) break
  }
  const good = goodOnes(judgements)
  if (good.length === 0 || judgements.at(-1)!.kind === 'bad') throw untrusted(judgements, keyring, options)
  return {
    signed,
    signers: good.map(({ signer }) => signer),
    fingerprints: [...new Set(good.map(({ signer }) => signer.primaryFingerprint))],
    keyIds: [...new Set(good.map(({ keyId }) => keyId))],
    signedAt: Math.max(...good.map(({ signer }) => signer.signedAt)),
    reverifyAt: nextMoment(judgements, options.now),
  }
}

/** As apt: a signature with a weak digest that holds also takes back the good ones of the same key before it. */
function goodOnes(judgements: Judgement[]) {
  return judgements.flatMap((judgement, index) => {
    if (judgement.kind !== 'good') return []
    const takenBack = judgements
      .slice(index + 1)
      .some(later => later.kind === 'weak' && later.keyId === judgement.keyId)
    return takenBack ? [] : [judgement]
  })
}

function nextMoment(judgements: Judgement[], now: number): number | undefined {
  let next = Number.POSITIVE_INFINITY
  for (const moment of judgements.flatMap(({ moments }) => moments)) {
    if (moment * 1000 > now) next = Math.min(next, moment * 1000)
  }
  return Number.isFinite(next) ? next : undefined
}

function malformed({ object }: VerifyOptions, fault: string): YardError {
  return new YardError('untrusted', `${object} is not properly signed: ${fault}`, {
    hint: 'the file may be damaged, or an answer of something in between (a login page, a proxy); try again or try another mirror',
  })
}

function untrusted(judgements: Judgement[], keyring: Keyring, { object }: VerifyOptions): YardError {
  const faults = judgements.flatMap(judgement => (judgement.kind === 'good' ? [] : [judgement]))
  const decisive = faults.filter(({ kind }) => kind === 'bad')
  const reasons = (decisive.length > 0 ? decisive : faults).map(({ why }) => `the signature ${why}`)
  return new YardError(
    'untrusted',
    `${object} cannot be trusted with keyring ${keyring.file}: ${reasons.join('; ')}`,
    {
      hint: hintFor(
        faults.map(({ kind }) => kind),
        keyring.file,
      ),
    },
  )
}

function hintFor(kinds: Judgement['kind'][], file: string): string {
  const name = packageOf(file)
  const newer =
    name === undefined ? `get the upstream's present keys into ${file}` : `install the newest ${name}`
  if (kinds.includes('bad'))
    return 'the file was changed after it was signed, or is damaged; try again or try another mirror'
  if (kinds.includes('expired') || kinds.includes('revoked')) return `${newer}, or try another mirror`
  if (kinds.includes('unknown')) return `${newer}, once you know that the key is the upstream's own`
  if (kinds.includes('weak')) return 'ask the upstream to sign with SHA-256 or SHA-512'
  return 'ask the upstream to sign with a key and an algorithm that gpgv accepts'
}
