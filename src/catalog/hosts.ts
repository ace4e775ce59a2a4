import type { Digest, HostId, HostState, Labels, Name, Timestamp } from '../model/index.ts'
import type { AuditLine } from './catalog.ts'
import type { CardNotes, KeptReport, NewReport, ReportingHost } from './host-reports.ts'

/** What the yard knows of a host. */
export interface HostRecord {
  id: HostId
  /** Its Ed25519 key, 64 hexadecimal digits. */
  public: string
  state: HostState
  /** Of a host that is not enrolled: why. */
  why?: string
  train: Name
  channel: Name
  labels: Labels
  rankGroup: string
  /** Of its card: higher with every change of what the card says. */
  counter: number
  /** `machineDigest` at enrolment. */
  machine: Digest
  /** The last boots that it was seen in. */
  boots: BootRun[]
  /** By which it enrolled, the last time. */
  token: Name
  enrolled: Timestamp
}

/** The counters that were seen from one boot of a machine, the first and the last. */
export interface BootRun {
  boot: string
  first: number
  last: number
}

export interface HostCertificate {
  /** Lower-case hexadecimal digits. */
  serial: string
  host: HostId
  /** Serial number of the CA's certificate. */
  authority: string
  issued: Timestamp
  expires: Timestamp
  revoked?: Timestamp
}

/** Lets machines become hosts. */
export interface HostToken {
  name: Name
  /** SHA-256 of its text. */
  digest: Digest
  train: Name
  channel: Name
  labels: Labels
  /** The one host that enrols anew by it; undefined: new hosts do. */
  host?: HostId
  /** How many may enrol by it, and how many have. */
  uses: number
  used: number
  created: Timestamp
  by: string
  expires: Timestamp
  revoked?: Timestamp
}

export interface HostFilter {
  train?: Name | undefined
  channel?: Name | undefined
  state?: HostState | undefined
  /** Only ids behind this one. */
  after?: HostId | undefined
  limit: number
}

/** What is asked of hosts, outside of a change or within one. */
export interface HostReads {
  host(id: HostId): Promise<HostRecord | undefined>
  hostByKey(publicKey: string): Promise<HostRecord | undefined>
  /** By id. */
  hosts(filter: HostFilter): Promise<HostRecord[]>
  countHosts(): Promise<{ state: HostState; count: number }[]>
  /** The newest first. */
  certificatesOf(host: HostId): Promise<HostCertificate[]>
  /** Revoked ones of one CA that expire later than that, by serial number. */
  revokedCertificates(authority: string, after: Timestamp): Promise<HostCertificate[]>
  hostToken(name: Name): Promise<HostToken | undefined>
  /** By name. */
  hostTokens(): Promise<HostToken[]>
  /** What a host said last; undefined: nothing yet. */
  reportOf(host: HostId): Promise<KeptReport | undefined>
  cardNotes(host: HostId): Promise<CardNotes>
}

/** What is changed of hosts, within one transaction. */
export interface HostWrites extends HostReads {
  addHost(host: HostRecord): Promise<void>
  /** Replaces all of it but the id. */
  changeHost(host: HostRecord): Promise<void>
  addCertificate(certificate: HostCertificate): Promise<void>
  /** Those of a host that expired before that. */
  forgetCertificates(host: HostId, before: Timestamp): Promise<void>
  /** Those that are good still. */
  revokeCertificates(host: HostId, at: Timestamp): Promise<void>
  /** @throws YardError `exists`. */
  addHostToken(token: HostToken): Promise<void>
  changeHostToken(token: Pick<HostToken, 'name' | 'used' | 'revoked'>): Promise<void>
  appendAudit(line: AuditLine): Promise<void>
  /** What is known of those hosts that there are. */
  reporting(hosts: readonly HostId[]): Promise<Map<HostId, ReportingHost>>
  /** One of each host: takes the place of what it said before. */
  keepReports(reports: readonly NewReport[]): Promise<void>
  changeCardNotes(host: HostId, notes: CardNotes): Promise<void>
}
