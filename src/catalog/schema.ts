import type { Generated } from 'kysely'
import type { AuditEntry, Digest, HostId, Name, Timestamp } from '../model/index.ts'
import type { ContentState } from './catalog.ts'
import type { KeptReport } from './host-reports.ts'
import type { HostCertificate, HostRecord, HostToken } from './hosts.ts'
import type { StoredText } from './stored-text.ts'

/** The tables as the newest migration leaves them; `README.md` explains spans. */
export interface Tables {
  migration: { number: number; name: string }
  repository: RepositoryTable
  snapshot: SnapshotTable
  package: PackageTable
  content: ContentTable
  audit: AuditTable
  host: HostTable
  host_certificate: HostCertificateTable
  host_token: HostTokenTable
  host_report: HostReportTable
  host_card: { host: HostId /** Canonical JSON. */; said: string }
}

interface RepositoryTable {
  id: Generated<number>
  name: Name
  /** The latest timestamp ever given out. */
  last_timestamp: Timestamp | null
}

export interface SnapshotTable extends CounterColumns {
  repository_id: number
  timestamp: Timestamp
  state: 'listed' | 'removing'
  /** Canonical JSON. */
  record: string
}

export interface CounterColumns {
  total_entries: number
  total_bytes: number
  local_entries: number
  local_bytes: number
  lost_entries: number
  lost_bytes: number
}

/** A row is in every listed snapshot with `first <= timestamp < until`; `until` null: in the newest one too. */
interface SpanColumns {
  id: Generated<number>
  repository_id: number
  first: Timestamp
  until: Timestamp | null
}

interface PackageTable extends SpanColumns {
  family: StoredText
  suite: StoredText
  component: StoredText
  architecture: StoredText
  name: StoredText
  version: StoredText
  digest: Digest
  size: number
  source: StoredText
}

interface ContentTable extends SpanColumns {
  digest: Digest
  size: number
  state: ContentState
  /** How many paths of the files tree name it. */
  entries: number
}

export interface AuditTable {
  number: number
  at: Timestamp
  verb: string
  subject: string
  who: string
  via: AuditEntry['via']
  why: string | null
  /** Canonical JSON. */
  detail: string
  previous: Digest
  digest: Digest
}

export interface HostTable extends Omit<HostRecord, 'why' | 'labels' | 'rankGroup' | 'boots'> {
  why: string | null
  /** Canonical JSON. */
  labels: string
  rank_group: string
  /** Canonical JSON. */
  boots: string
}

export interface HostCertificateTable extends Omit<HostCertificate, 'revoked'> {
  revoked: Timestamp | null
}

export interface HostTokenTable extends Omit<HostToken, 'labels' | 'host' | 'by' | 'revoked'> {
  /** Canonical JSON. */
  labels: string
  host: HostId | null
  created_by: string
  revoked: Timestamp | null
}

export interface HostReportTable extends Pick<KeptReport, 'host' | 'counter' | 'seen'> {
  /** Canonical JSON, as the rest. */
  recent: string
  notes: string
  report: string
}
