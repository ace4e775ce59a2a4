import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { HostId } from '../../model/index.ts'
import { publicKeyObject, statementKeyOf } from '../statements/statement-key.ts'
import { type Authority, certificateLifetimes, issuerForServer, randomSerial } from './authority.ts'
import { signCertificate } from './x509.ts'

/** A new host's id: 128 random bits. */
export function newHostId(): HostId {
  return randomBytes(16).toString('hex') as HostId
}

/** What is recorded of a host's certificate before it is signed. */
export interface HostCertificatePlan {
  serial: string
  host: HostId
  /** Milliseconds since the epoch. */
  issued: number
  expires: number
}

export function planHostCertificate(host: HostId, now: number): HostCertificatePlan {
  return { serial: randomSerial(), host, issued: now, expires: now + certificateLifetimes.host }
}

/** PEM: that this key is that host's. @param publicKey 64 hexadecimal digits of an Ed25519 key. */
export function signHostCertificate(
  authority: Authority,
  plan: HostCertificatePlan,
  publicKey: string,
): string {
  return signCertificate(authority, {
    serial: plan.serial,
    subject: plan.host,
    publicKey: publicKeyObject(statementKeyOf(publicKey)),
    begins: plan.issued - certificateLifetimes.backdated,
    expires: plan.expires,
    use: { kind: 'host' },
  })
}

/** A key that is never written anywhere, and its certificate, PEM: the server shows it to hosts, who know the CA alone. */
export function issueServerCertificate(
  authorities: readonly Authority[],
  names: string[],
  now: number,
): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const authority = issuerForServer(authorities, now)
  const cert = signCertificate(authority, {
    serial: randomSerial(),
    subject: names[0]!,
    publicKey,
    begins: now - certificateLifetimes.backdated,
    expires: Math.min(now + certificateLifetimes.server, authority.expires),
    use: { kind: 'server', names },
  })
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, cert }
}
