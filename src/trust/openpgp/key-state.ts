import { publicKeyAlgorithmOf } from './algorithms.ts'
import { checkArithmetic } from './arithmetic.ts'
import type { Certificate, SelfSignature } from './certificate.ts'
import type { PublicKey } from './key-packet.ts'
import { expiryOf, type Signature, signatureTypes } from './signature-packet.ts'

/** What a key may be trusted with at one moment. Moments are in seconds since the epoch. */
export interface KeyState {
  key: PublicKey
  primary: PublicKey
  /** The key holder confirmed it (and, for a subkey, that it belongs to the primary key). */
  valid: boolean
  revoked: boolean
  /** When it expired; undefined while it has not. */
  expired: number | undefined
  maySign: boolean
  /** A subkey: it confirmed that it belongs to the primary key. Else anybody's subkey could be claimed. True for a primary key. */
  crossCertified: boolean
  /** Moments, past and future, at which any of this can change. */
  moments: number[]
}

/** Finds a key by fingerprint, for revocations by a key that the holder named for it. */
export type FindKey = (fingerprint: string) => PublicKey | undefined

/**
 * The state of one key of a certificate, by the rules of gpgv 2.2 (`merge_selfsigs`), not by those of RFC 9580 or of
 * other programs: SHA-1 self-signatures count, MD5 ones do not; the newest self-signature wins; a revocation cannot be
 * taken back; an expired or revoked primary key takes its subkeys along; expiry is judged now, not when the signature was made.
 */
export function keyStateOf(certificate: Certificate, key: PublicKey, now: number, find: FindKey): KeyState {
  const primary = primaryState(certificate, now, find)
  const subkey = certificate.subkeys.find(candidate => candidate.key === key)
  if (subkey === undefined) return primary
  const own = subkeyState(certificate.primary, subkey, now)
  return {
    ...own,
    valid: own.valid && primary.valid,
    revoked: own.revoked || primary.revoked,
    expired: primary.expired ?? own.expired,
    moments: [...own.moments, ...primary.moments],
  }
}

function primaryState(certificate: Certificate, now: number, find: FindKey): KeyState {
  const { primary } = certificate
  const direct = certificate.direct.filter(self => counts(self, primary, now))
  const directKey = newest(
    direct.filter(({ signature }) => isOf(signature, 'directKey') && !isExpired(signature, now)),
  )
  const users = certificate.users.map(user => userState(user.signatures, primary, now))
  const usage = (directKey && usageOf(directKey)) || newestOf(users, 'usage')
  const lifetime = directKey?.keyLifetime || newestOf(users, 'lifetime')
  return {
    key: primary,
    primary,
    valid: directKey !== undefined || users.some(user => user.confirmed),
    revoked:
      direct.some(({ signature }) => isOf(signature, 'keyRevocation')) ||
      isRevokedByOther(certificate, direct, find),
    expired: expiryBefore(now, primary, lifetime),
    maySign: allowsSigning(primary, usage),
    crossCertified: true,
    moments: momentsOf(primary, [
      ...certificate.direct,
      ...certificate.users.flatMap(user => user.signatures),
    ]),
  }
}

interface UserState {
  /** It has a self-signature that holds, though it may be expired or a revocation (gpgv: the key is valid then, too). */
  confirmed: boolean
  /** When its newest self-signature was made; 0 when that one is a revocation or expired. */
  created: number
  usage: Usage
  lifetime: number
}

function userState(signatures: SelfSignature[], primary: PublicKey, now: number): UserState {
  const latest = newest(signatures.filter(self => isAboutUser(self.signature) && counts(self, primary, now)))
  const idle = { confirmed: latest !== undefined, created: 0, usage: undefined, lifetime: 0 }
  if (latest === undefined || isOf(latest, 'certificationRevocation') || isExpired(latest, now)) return idle
  return { confirmed: true, created: latest.created, usage: usageOf(latest), lifetime: latest.keyLifetime }
}

/** The value of the user ID with the newest self-signature among those that say anything. */
function newestOf<Field extends 'usage' | 'lifetime'>(users: UserState[], field: Field): UserState[Field] {
  let best: UserState | undefined
  for (const user of users) {
    if (user[field] && (best === undefined || user.created > best.created)) best = user
  }
  return best?.[field] as UserState[Field]
}

function subkeyState(
  primary: PublicKey,
  { key, signatures }: Certificate['subkeys'][number],
  now: number,
): KeyState {
  const own = signatures.filter(self => counts(self, primary, now))
  const binding = newest(
    own.filter(({ signature }) => isOf(signature, 'subkeyBinding') && !isExpired(signature, now)),
  )
  return {
    key,
    primary,
    valid: binding !== undefined,
    revoked: own.some(({ signature }) => isOf(signature, 'subkeyRevocation')),
    expired: binding && expiryBefore(now, key, binding.keyLifetime),
    maySign: binding !== undefined && allowsSigning(key, usageOf(binding)),
    crossCertified: binding !== undefined && isCrossCertified(primary, key, binding, now),
    moments: momentsOf(key, signatures),
  }
}

/** The newest embedded signature decides. */
function isCrossCertified(primary: PublicKey, subkey: PublicKey, binding: Signature, now: number): boolean {
  const back = binding.embedded.reduce<Signature | undefined>(
    (best, candidate) => (candidate.created > (best?.created ?? 0) ? candidate : best),
    undefined,
  )
  if (back === undefined || !isTimely(subkey, back, now)) return false
  return checkArithmetic(subkey, back, [primary.hashed, subkey.hashed]).kind === 'agrees'
}

/** A revocation by a key that the holder appointed counts whatever became of that key since. */
function isRevokedByOther(certificate: Certificate, direct: SelfSignature[], find: FindKey): boolean {
  const revokers = direct.flatMap(({ signature }) => (isOf(signature, 'directKey') ? signature.revokers : []))
  return certificate.foreignRevocations.some(revocation =>
    revokers.some(fingerprint => {
      const revoker = fingerprint.endsWith(revocation.issuerKeyId) ? find(fingerprint) : undefined
      if (revoker === undefined) return false
      return checkArithmetic(revoker, revocation, [certificate.primary.hashed]).kind === 'agrees'
    }),
  )
}

function counts(self: SelfSignature, primary: PublicKey, now: number): boolean {
  return isTimely(primary, self.signature, now) && self.holds()
}

/** No key signs before it exists, and no key from the future signs at all. */
export function isTimely(key: PublicKey, signature: Signature, now: number): boolean {
  return key.created <= signature.created && key.created <= now
}

export function isExpired(signature: Signature, now: number): boolean {
  return signature.expires !== undefined && signature.expires <= now
}

function isOf(signature: Signature, type: keyof typeof signatureTypes): boolean {
  return signature.type === signatureTypes[type]
}

function isAboutUser(signature: Signature): boolean {
  const { firstCertification, lastCertification, certificationRevocation } = signatureTypes
  if (signature.type === certificationRevocation) return true
  return signature.type >= firstCertification && signature.type <= lastCertification
}

/** The newest; of equally new ones the last. */
function newest(signatures: SelfSignature[]): Signature | undefined {
  let best: Signature | undefined
  for (const { signature } of signatures) {
    if (best === undefined || signature.created >= best.created) best = signature
  }
  return best
}

/** Undefined: nothing is said, so the key may do what its algorithm can. */
type Usage = { sign: boolean } | undefined

function usageOf({ keyFlags }: Signature): Usage {
  if (keyFlags === undefined) return undefined
  return { sign: keyFlags.length > 0 && (keyFlags[0]! & 0x02) !== 0 }
}

function allowsSigning(key: PublicKey, usage: Usage): boolean {
  const kind = publicKeyAlgorithmOf(key.algorithm)?.kind
  return kind !== undefined && kind !== 'encrypting' && (usage?.sign ?? true)
}

function expiryBefore(now: number, key: PublicKey, lifetime = 0): number | undefined {
  const expires = expiryOf(key.created, lifetime)
  return expires !== undefined && expires < now ? expires : undefined
}

/** A key is good in the second in which it expires, a signature is not. */
function momentsOf(key: PublicKey, signatures: SelfSignature[]): number[] {
  const moments = [key.created]
  for (const { signature } of signatures) {
    const keyExpires = expiryOf(key.created, signature.keyLifetime)
    if (keyExpires !== undefined) moments.push(keyExpires + 1)
    if (signature.expires !== undefined) moments.push(signature.expires)
  }
  return moments
}
