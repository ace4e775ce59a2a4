import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { canonicalJson, type Digest, digestOf } from '../../model/index.ts'

/** The public half of a key that signs statements: Ed25519, as TUF metadata lists it (TUF specification 1.0.34, 4.2). */
export interface StatementKey {
  /** SHA-256 of the canonical JSON of its three fields. */
  keyid: Digest
  keytype: 'ed25519'
  scheme: 'ed25519'
  /** 64 hexadecimal digits. */
  public: string
}

/** A key at hand: it signs, and nobody sees it. */
export interface StatementSigner {
  key: StatementKey
  /** 64 bytes (RFC 8032). */
  sign(bytes: Uint8Array): Buffer
}

/** @param hex the 32 bytes of an Ed25519 public key, as 64 hexadecimal digits. */
export function statementKeyOf(hex: string): StatementKey {
  const fields = { keytype: 'ed25519', scheme: 'ed25519' } as const
  const keyid = digestOf(Buffer.from(canonicalJson({ ...fields, keyval: { public: hex } })))
  return { ...fields, keyid, public: hex }
}

/** @param privateKey an Ed25519 key. */
export function statementSignerOf(privateKey: KeyObject): StatementSigner {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  const key = statementKeyOf(Buffer.from(x!, 'base64url').toString('hex'))
  return { key, sign: bytes => sign(null, bytes, privateKey) }
}

/** Whether `key` made that signature over these bytes. */
export function isSignedBy(key: StatementKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && verify(null, bytes, madeObject(key), signature)
}

/** Keys that were asked for, as long as somebody has them: making one costs a third of a verification. */
const made = new WeakMap<StatementKey, KeyObject>()

function madeObject(key: StatementKey): KeyObject {
  const known = made.get(key) ?? publicKeyObject(key)
  made.set(key, known)
  return known
}

/** As Node's cryptography takes it: a JSON Web Key (RFC 8037). */
export function publicKeyObject({ public: hex }: StatementKey): KeyObject {
  const x = Buffer.from(hex, 'hex').toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}
