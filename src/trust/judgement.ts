import type { Keyring } from './keyring.ts'
import { hashAlgorithmOf, publicKeyAlgorithmOf } from './openpgp/algorithms.ts'
import { checkArithmetic } from './openpgp/arithmetic.ts'
import { isExpired, isTimely, type KeyState, keyStateOf } from './openpgp/key-state.ts'
import { type Signature, signatureTypes } from './openpgp/signature-packet.ts'

/** A good signature. */
export interface Signer {
  /** Of the key that signed, possibly a subkey: 40 upper-case hexadecimal digits. */
  fingerprint: string
  /** Of the primary key that it belongs to, by which people know it. */
  primaryFingerprint: string
  /** Milliseconds since the epoch. */
  signedAt: number
}

/** What became of one signature. */
export type Judgement = {
  /** Of the key that signed; for `unknown`, of the one that claims to have signed. */
  keyId: string
  /** In seconds since the epoch: those at which the answer can change. */
  moments: number[]
  /** gpgv looks at no signature behind this one. */
  last: boolean
} & (
  | { kind: 'good'; signer: Signer }
  | { kind: 'bad' | 'unknown' | 'expired' | 'revoked' | 'weak' | 'worthless'; why: string }
)

/** The document as a signature of this type hashes it. */
export type HashedForm = (type: number) => Buffer

/**
 * Judges one signature by the rules of gpgv 2.2, at `now` in seconds since the epoch. First comes whether the key made it: gpgv alone
 * passes over a wrong one by a key that would not count either; apt, which has gpgv ignore the dates of keys, does not.
 */
export function judgeSignature(
  signature: Signature,
  hashedForm: HashedForm,
  keyring: Keyring,
  now: number,
): Judgement {
  const issuer = { fingerprint: signature.issuerFingerprint, keyId: signature.issuerKeyId }
  const found = keyring.find(issuer)
  let moments: number[] = []
  const not: Refusal = (kind, why, last = kind === 'bad') => ({
    kind,
    keyId: found?.key.keyId ?? issuer.keyId,
    why: `by key ${issuer.fingerprint ?? issuer.keyId} ${why}`,
    moments,
    last,
  })
  const unsupported = unsupportedBy(signature)
  if (unsupported !== undefined) return not('worthless', unsupported)
  if (found === undefined) return not('unknown', 'cannot be checked: the key is missing from the keyring')
  const arithmetic = checkArithmetic(found.key, signature, [hashedForm(signature.type)])
  if (arithmetic.kind === 'unusable') return not('worthless', `does not count: ${arithmetic.why}`)
  if (arithmetic.kind === 'differs') return not('bad', 'is bad: it is not over these bytes')
  const state = keyStateOf(found.certificate, found.key, now, fingerprint => {
    const revoker = keyring.find({ fingerprint, keyId: '' })
    return revoker?.key
  })
  moments = signature.expires === undefined ? state.moments : [signature.expires, ...state.moments]
  return objectionTo(state, signature, now, not) ?? goodSignature(signature, state, moments)
}

type Refusal = (kind: Exclude<Judgement['kind'], 'good'>, why: string, last?: boolean) => Judgement

function unsupportedBy({ type, hashAlgorithm, publicKeyAlgorithm }: Signature): string | undefined {
  if (type !== signatureTypes.binary && type !== signatureTypes.text) return 'is not over a document'
  if (hashAlgorithmOf(hashAlgorithm) === undefined)
    return `uses an unsupported digest algorithm (${hashAlgorithm})`
  if (publicKeyAlgorithmOf(publicKeyAlgorithm) === undefined)
    return `uses an unsupported signature algorithm (${publicKeyAlgorithm})`
  return undefined
}

/**
 * Reasons why a signature that the key did make is still not good, in the order of gpgv (`check_signature2`, then
 * `check_sig_and_print`; apt's for the digest): what comes first decides what the others are worth.
 */
function objectionTo(
  state: KeyState,
  signature: Signature,
  now: number,
  not: Refusal,
): Judgement | undefined {
  const unfit = unfitnessOf(state, signature, now)
  if (unfit !== undefined) return not('worthless', `does not count: ${unfit}`)
  const outdated = isExpired(signature, now)
  if (isWeak(signature))
    return not(
      'weak',
      `does not count: ${hashAlgorithmOf(signature.hashAlgorithm)!.name} is a weak digest`,
      outdated,
    )
  if (outdated) return not('expired', `expired on ${dateOf(signature.expires!)}`, true)
  if (state.expired !== undefined)
    return not('expired', `does not count: the key expired on ${dateOf(state.expired)}`)
  if (state.revoked) return not('revoked', 'does not count: the key is revoked')
  return undefined
}

function unfitnessOf(state: KeyState, signature: Signature, now: number): string | undefined {
  const made = dateOf(state.key.created)
  if (state.key.created > now) return `the key was made in the future, on ${made}`
  if (!state.valid) return 'nothing confirms that the key belongs to its holder'
  if (!isTimely(state.key, signature, now)) return `it is older than its key, which was made on ${made}`
  if (!state.maySign) return 'the key is not one for signing'
  if (!state.crossCertified) return 'the subkey did not sign its primary key'
  return undefined
}

function goodSignature(signature: Signature, { key, primary }: KeyState, moments: number[]): Judgement {
  return {
    kind: 'good',
    signer: {
      fingerprint: key.fingerprint,
      primaryFingerprint: primary.fingerprint,
      signedAt: signature.created * 1000,
    },
    keyId: key.keyId,
    moments,
    last: false,
  }
}

function isWeak({ hashAlgorithm }: Signature): boolean {
  return hashAlgorithmOf(hashAlgorithm)?.strength !== 'trusted'
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}
