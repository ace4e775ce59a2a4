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

/** What became of one signature; `good` carries who signed. `moments` (in seconds) are those at which this can change. */
export type Judgement =
  | { kind: 'good'; signer: Signer; keyId: string; moments: number[] }
  | {
      kind: 'bad' | 'unknown' | 'expired' | 'revoked' | 'weak' | 'worthless'
      keyId: string
      why: string
      moments: number[]
    }

/** The document as a signature of this type hashes it. */
export type HashedForm = (type: number) => Buffer

/**
 * Judges one signature by the rules of gpgv 2.2, at `now` in seconds since the epoch. The order of the questions is gpgv's
 * (`check_signature2`), for the answer depends on which comes first.
 */
export function judgeSignature(
  signature: Signature,
  hashedForm: HashedForm,
  keyring: Keyring,
  now: number,
): Judgement {
  const issuer = { fingerprint: signature.issuerFingerprint, keyId: signature.issuerKeyId }
  const moments = signature.expires === undefined ? [] : [signature.expires]
  const not = (kind: Exclude<Judgement['kind'], 'good'>, why: string): Judgement => ({
    kind,
    keyId: signature.issuerKeyId,
    why: `by key ${issuer.fingerprint ?? issuer.keyId} ${why}`,
    moments,
  })
  const unsupported = unsupportedBy(signature)
  if (unsupported !== undefined) return not('worthless', unsupported)
  const found = keyring.find(issuer)
  if (found === undefined) return not('unknown', 'cannot be checked: the key is missing from the keyring')
  const state = keyStateOf(found.certificate, found.key, now, fingerprint => {
    const revoker = keyring.find({ fingerprint, keyId: '' })
    return revoker?.key
  })
  moments.push(...state.moments)
  const objection = objectionTo(state, signature, now)
  if (objection !== undefined) return not('worthless', objection)
  const arithmetic = checkArithmetic(found.key, signature, [hashedForm(signature.type)])
  if (arithmetic.kind === 'unusable') return not('worthless', `does not count: ${arithmetic.why}`)
  if (arithmetic.kind === 'differs') return not('bad', 'is bad: it is not over these bytes')
  return judgeGood(signature, state, now, not) ?? goodSignature(signature, state, moments)
}

function unsupportedBy({ type, hashAlgorithm, publicKeyAlgorithm }: Signature): string | undefined {
  if (type !== signatureTypes.binary && type !== signatureTypes.text) return 'is not over a document'
  if (hashAlgorithmOf(hashAlgorithm) === undefined)
    return `uses an unsupported digest algorithm (${hashAlgorithm})`
  const algorithm = publicKeyAlgorithmOf(publicKeyAlgorithm)
  if (algorithm === undefined || algorithm.kind === 'encrypting')
    return `uses an unsupported signature algorithm (${publicKeyAlgorithm})`
  return undefined
}

function objectionTo(state: KeyState, signature: Signature, now: number): string | undefined {
  if (!state.valid)
    return state.key.created > now
      ? `does not count: the key was made in the future, on ${dateOf(state.key.created)}`
      : 'does not count: nothing confirms that the key belongs to its holder'
  if (!isTimely(state.key, signature, now))
    return `does not count: it is older than its key, which was made on ${dateOf(state.key.created)}`
  if (!state.maySign) return 'does not count: the key is not one for signing'
  return undefined
}

/** Reasons why a signature that holds is still not good (gpgv's `check_sig_and_print`; apt's for the digest). */
function judgeGood(
  signature: Signature,
  state: KeyState,
  now: number,
  not: (kind: 'expired' | 'revoked' | 'weak' | 'worthless', why: string) => Judgement,
): Judgement | undefined {
  if (!state.crossCertified)
    return not('worthless', 'does not count: the subkey did not sign its primary key')
  if (isWeak(signature))
    return not('weak', `does not count: ${hashAlgorithmOf(signature.hashAlgorithm)!.name} is a weak digest`)
  if (isExpired(signature, now)) return not('expired', `expired on ${dateOf(signature.expires!)}`)
  if (state.expired !== undefined)
    return not('expired', `does not count: the key expired on ${dateOf(state.expired)}`)
  if (state.revoked) return not('revoked', 'does not count: the key is revoked')
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
  }
}

function isWeak({ hashAlgorithm }: Signature): boolean {
  return hashAlgorithmOf(hashAlgorithm)?.strength !== 'trusted'
}

function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}
