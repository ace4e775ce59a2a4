import { YardError } from '../model/index.ts'

export interface SigningKeyOptions {
  algorithm: 'rsa4096' | 'ed25519'
  /** Whose key it is: `Switchyard <yard@example.org>`. */
  userId: string
  /** When it is made, in milliseconds since the epoch; no signature may be older. */
  now: number
}

/** A new key, ready to be kept. */
export interface NewSigningKey {
  privateKeyArmoured: string
  publicKeyArmoured: string
  /** 40 upper-case hexadecimal digits. */
  fingerprint: string
}

/**
 * Makes a key that signs what a yard serves: version 4, without passphrase, subkeys and expiry. RSA 4096 is accepted by
 * every client of ours; Ed25519 (in its older form, algorithm 22, for the newer one is unknown to gpgv, rpm and dnf) is small and fast.
 * @throws YardError `configuration` when the user ID cannot be one.
 */
export async function createSigningKey({
  algorithm,
  userId,
  now,
}: SigningKeyOptions): Promise<NewSigningKey> {
  if (!/^[^\p{Cc}]{1,255}$/u.test(userId))
    throw new YardError('configuration', `not a user ID for a key: ${JSON.stringify(userId.slice(0, 80))}`, {
      hint: 'write a name and an address on one line: Example Yard <yard@example.org>',
    })
  const { generateKey } = await import('openpgp')
  const kind =
    algorithm === 'rsa4096'
      ? ({ type: 'rsa', rsaBits: 4096 } as const)
      : ({ type: 'ecc', curve: 'ed25519Legacy' } as const)
  const { privateKey, publicKey } = await generateKey({
    ...kind,
    userIDs: [{ name: userId }],
    subkeys: [],
    date: new Date(now),
    format: 'object',
  })
  return {
    privateKeyArmoured: privateKey.armor(),
    publicKeyArmoured: publicKey.armor(),
    fingerprint: publicKey.getFingerprint().toUpperCase(),
  }
}
