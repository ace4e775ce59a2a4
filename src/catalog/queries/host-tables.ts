import type { Database, Queries } from '../dialect/database.ts'
import type { HostReads, HostWrites } from '../hosts.ts'
import { appendAudit } from './audit.ts'
import {
  addCertificate,
  certificatesOf,
  forgetCertificates,
  revokeCertificates,
  revokedCertificates,
} from './host-certificates.ts'
import { cardNotes, changeCardNotes, keepReports, reporting, reportOf } from './host-reports.ts'
import { addHostToken, changeHostToken, hostToken, hostTokens } from './host-tokens.ts'
import { addHost, changeHost, countHosts, host, hostByKey, hosts } from './hosts.ts'

export function hostReads(db: Queries): HostReads {
  return {
    host: id => host(db, id),
    hostByKey: publicKey => hostByKey(db, publicKey),
    hosts: filter => hosts(db, filter),
    countHosts: () => countHosts(db),
    certificatesOf: id => certificatesOf(db, id),
    revokedCertificates: (authority, after) => revokedCertificates(db, authority, after),
    hostToken: name => hostToken(db, name),
    hostTokens: () => hostTokens(db),
    reportOf: id => reportOf(db, id),
    cardNotes: id => cardNotes(db, id),
  }
}

/** @param db within a write. */
export function hostWrites(database: Database, db: Queries): HostWrites {
  return {
    ...hostReads(db),
    addHost: record => addHost(db, record),
    changeHost: record => changeHost(db, record),
    addCertificate: certificate => addCertificate(db, certificate),
    forgetCertificates: (id, before) => forgetCertificates(db, id, before),
    revokeCertificates: (id, at) => revokeCertificates(db, id, at),
    addHostToken: token => addHostToken(db, token),
    changeHostToken: token => changeHostToken(db, token),
    async appendAudit(line) {
      await appendAudit(db, line)
    },
    reporting: ids => reporting(database, db, ids),
    keepReports: reports => keepReports(database, db, reports),
    changeCardNotes: (id, notes) => changeCardNotes(db, id, notes),
  }
}
