import type { HostId, Timestamp } from '../../model/index.ts'
import type { Queries } from '../dialect/database.ts'
import type { HostCertificate } from '../hosts.ts'
import type { HostCertificateTable } from '../schema.ts'

export async function addCertificate(db: Queries, certificate: HostCertificate): Promise<void> {
  await db
    .insertInto('host_certificate')
    .values({ ...certificate, revoked: certificate.revoked ?? null })
    .execute()
}

/** Those of a host that expired before that. */
export async function forgetCertificates(db: Queries, host: HostId, before: Timestamp): Promise<void> {
  await db.deleteFrom('host_certificate').where('host', '=', host).where('expires', '<', before).execute()
}

/** Those of a host that are good still. */
export async function revokeCertificates(db: Queries, host: HostId, at: Timestamp): Promise<void> {
  await db
    .updateTable('host_certificate')
    .set({ revoked: at })
    .where('host', '=', host)
    .where('revoked', 'is', null)
    .execute()
}

/** The newest first. */
export async function certificatesOf(db: Queries, host: HostId): Promise<HostCertificate[]> {
  const rows = await db
    .selectFrom('host_certificate')
    .selectAll()
    .where('host', '=', host)
    .orderBy('issued', 'desc')
    .orderBy('serial')
    .execute()
  return rows.map(certificateOf)
}

/** By serial number. */
export async function revokedCertificates(
  db: Queries,
  authority: string,
  after: Timestamp,
): Promise<HostCertificate[]> {
  const rows = await db
    .selectFrom('host_certificate')
    .selectAll()
    .where('authority', '=', authority)
    .where('expires', '>', after)
    .where('revoked', 'is not', null)
    .orderBy('serial')
    .execute()
  return rows.map(certificateOf)
}

function certificateOf({ revoked, ...row }: HostCertificateTable): HostCertificate {
  return revoked === null ? row : { ...row, revoked }
}
