import type { X509Certificate } from 'node:crypto'
import { type HostId, isHostId } from '../../model/index.ts'
import { type Authority, certificateLifetimes, commonNameOf } from './authority.ts'

/** What a certificate proves of who shows it, while its authority's clock and the state of the host allow it. */
export interface CertifiedHost {
  host: HostId
  /** Of the certificate. */
  serial: string
  /** The host's Ed25519 key, 64 hexadecimal digits. */
  public: string
  /** `late`: it expired, up to 30 days ago. */
  validity: 'good' | 'late'
}

export type CertificateJudgement = { kind: 'host'; caller: CertifiedHost } | { kind: 'refused'; why: string }

/**
 * Whether a certificate is a host's, by the yard's CAs. The system's own judgement is not asked: of several faults it tells one,
 * and of an expired certificate it matters whether that was the only one.
 * @param now milliseconds since the epoch.
 */
export function judgeCertificate(
  certificate: X509Certificate,
  authorities: readonly Authority[],
  now: number,
): CertificateJudgement {
  const authority = authorities.find(one => isIssuedBy(certificate, one))
  if (authority === undefined) return refused('it is not signed by the CA of this yard')
  const host = commonNameOf(certificate)
  if (host === undefined || !isHostId(host) || !isForClients(certificate))
    return refused("it is not a host's")
  const begins = certificate.validFromDate.getTime()
  if (now < begins) return refused(`it begins at ${new Date(begins).toISOString()}`)
  const expired = certificate.validToDate.getTime()
  if (now > expired + certificateLifetimes.late)
    return refused(`it expired at ${new Date(expired).toISOString()}`)
  const { x } = certificate.publicKey.export({ format: 'jwk' })
  return {
    kind: 'host',
    caller: {
      host,
      serial: certificate.serialNumber.toLowerCase(),
      public: Buffer.from(x!, 'base64url').toString('hex'),
      validity: now > expired ? 'late' : 'good',
    },
  }
}

function isIssuedBy(certificate: X509Certificate, { name, publicKey }: Authority): boolean {
  return certificate.issuer === `CN=${name}` && certificate.verify(publicKey)
}

/** Extended key usage (RFC 5280, 4.2.1.12): a server's certificate is signed by the same CA. */
function isForClients({ ca, keyUsage }: X509Certificate): boolean {
  return !ca && keyUsage?.includes('1.3.6.1.5.5.7.3.2') === true
}

function refused(why: string): CertificateJudgement {
  return { kind: 'refused', why }
}
