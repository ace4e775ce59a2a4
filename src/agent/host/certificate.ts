import { messageOf, YardError } from '../../model/index.ts'
import { publicKeyObject, statementKeyOf } from '../../trust/pure.ts'

/**
 * From when to when a certificate is good, in milliseconds since the epoch.
 * @param publicKey the key that it must be for, 64 hexadecimal digits.
 * @throws YardError `invalid` when it is none, or another key's.
 */
export function validityOf(certificate: string, publicKey: string): { from: number; to: number } {
  const { X509Certificate } = process.getBuiltinModule('node:crypto')
  try {
    const read = new X509Certificate(certificate)
    if (!read.publicKey.equals(publicKeyObject(statementKeyOf(publicKey))))
      throw new Error('it is for another key')
    return { from: Date.parse(read.validFrom), to: Date.parse(read.validTo) }
  } catch (error) {
    throw new YardError(
      'invalid',
      `the certificate from the yard cannot be used: ${messageOf(error)}; nothing was changed`,
    )
  }
}
