/** Hash algorithms by their OpenPGP number (RFC 4880, 9.4): those that gpgv 2.2 knows. */
interface HashAlgorithm {
  name: string
  /** Its name in `node:crypto`. */
  node: string
  bits: number
  /** `weak`: gpgv refuses it everywhere. `untrusted`: apt refuses it for documents; on keys it still counts. */
  strength: 'weak' | 'untrusted' | 'trusted'
}

const hashAlgorithms: Record<number, HashAlgorithm> = {
  1: { name: 'MD5', node: 'md5', bits: 128, strength: 'weak' },
  2: { name: 'SHA-1', node: 'sha1', bits: 160, strength: 'untrusted' },
  3: { name: 'RIPEMD-160', node: 'ripemd160', bits: 160, strength: 'untrusted' },
  8: { name: 'SHA-256', node: 'sha256', bits: 256, strength: 'trusted' },
  9: { name: 'SHA-384', node: 'sha384', bits: 384, strength: 'trusted' },
  10: { name: 'SHA-512', node: 'sha512', bits: 512, strength: 'trusted' },
  11: { name: 'SHA-224', node: 'sha224', bits: 224, strength: 'trusted' },
}

export function hashAlgorithmOf(number: number): HashAlgorithm | undefined {
  return hashAlgorithms[number]
}

/**
 * Public-key algorithms by number (RFC 4880, 9.1): whether they can sign, and how many numbers a key has and a signature that
 * claims to be by such a key: those that cannot sign are read, too, as gpgv does.
 */
interface PublicKeyAlgorithm {
  name: string
  kind: 'rsa' | 'dsa' | 'ecdsa' | 'eddsa' | 'encrypting'
  /** What comes first in the key: a curve, or only numbers; and how many numbers. */
  curve: boolean
  keyNumbers: number
  signatureNumbers: number
}

const publicKeyAlgorithms: Record<number, PublicKeyAlgorithm> = {
  1: { name: 'RSA', kind: 'rsa', curve: false, keyNumbers: 2, signatureNumbers: 1 },
  2: { name: 'RSA', kind: 'encrypting', curve: false, keyNumbers: 2, signatureNumbers: 1 },
  3: { name: 'RSA', kind: 'rsa', curve: false, keyNumbers: 2, signatureNumbers: 1 },
  16: { name: 'Elgamal', kind: 'encrypting', curve: false, keyNumbers: 3, signatureNumbers: 2 },
  17: { name: 'DSA', kind: 'dsa', curve: false, keyNumbers: 4, signatureNumbers: 2 },
  18: { name: 'ECDH', kind: 'encrypting', curve: true, keyNumbers: 1, signatureNumbers: 2 },
  19: { name: 'ECDSA', kind: 'ecdsa', curve: true, keyNumbers: 1, signatureNumbers: 2 },
  22: { name: 'EdDSA', kind: 'eddsa', curve: true, keyNumbers: 1, signatureNumbers: 2 },
}

export function publicKeyAlgorithmOf(number: number): PublicKeyAlgorithm | undefined {
  return publicKeyAlgorithms[number]
}

interface Curve {
  name: string
  bits: number
}

const curves: Record<string, Curve> = {
  '2a8648ce3d030107': { name: 'NIST P-256', bits: 256 },
  '2b81040022': { name: 'NIST P-384', bits: 384 },
  '2b81040023': { name: 'NIST P-521', bits: 521 },
  '2b2403030208010107': { name: 'Brainpool P-256', bits: 256 },
  '2b240303020801010b': { name: 'Brainpool P-384', bits: 384 },
  '2b240303020801010d': { name: 'Brainpool P-512', bits: 512 },
  '2b8104000a': { name: 'secp256k1', bits: 256 },
  '2b06010401da470f01': { name: 'Ed25519', bits: 256 },
}

/** The curve of an object identifier's bytes in hexadecimal. */
export function curveOf(objectIdentifier: string): Curve | undefined {
  return curves[objectIdentifier]
}
