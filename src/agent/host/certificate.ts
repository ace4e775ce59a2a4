import { messageOf, YardError } from '../../model/index.ts'
import { publicKeyObject, statementKeyOf } from '../../trust/pure.ts'

/**
 * From when to when a certificate is good, in milliseconds since the epoch.
 * @param answer what came from the yard: with authorities of which none signed it, no server would talk with the host, or be one to it.
 * @param publicKey the key that it must be for, 64 hexadecimal digits.
 * @throws YardError `invalid` when it is none, or another key's, or not of those authorities.
 */
export function validityOf(
  { certificate, ca }: { certificate: string; ca: string },
  publicKey: string,
): { from: number; to: number } {
  const { X509Certificate } = process.getBuiltinModule('node:crypto')
  try {
    const read = new X509Certificate(certificate)
    if (!read.publicKey.equals(publicKeyObject(statementKeyOf(publicKey))))
      throw new Error('it is for another key')
    const authorities = (ca.match(pem) ?? []).map(text => new X509Certificate(text))
    if (!authorities.some(one => read.checkIssued(one) && read.verify(one.publicKey)))
      throw new Error('none of the authorities that came with it has signed it')
    return { from: Date.parse(read.validFrom), to: Date.parse(read.validTo) }
  } catch (error) {
    throw new YardError(
      'invalid',
      `the certificate from the yard cannot be used: ${messageOf(error)}; nothing was changed`,
    )
  }
}

const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g
