import type { HostRecord, HostWrites } from '../../catalog/index.ts'
import { type AuditDraft, timestampOf } from '../../model/index.ts'
import { nextVersion } from '../../trust/pure.ts'

/** Of one that is quarantined already nothing changes. Its card changes with it. */
export async function quarantineHost(
  hosts: HostWrites,
  host: HostRecord,
  cause: { why: string; who: string; via: AuditDraft['via'] },
  now: number,
): Promise<HostRecord> {
  if (host.state !== 'enrolled') return host
  const changed: HostRecord = {
    ...host,
    state: 'quarantined',
    why: cause.why,
    counter: nextVersion(host.counter, now),
  }
  await hosts.changeHost(changed)
  await hosts.appendAudit({
    draft: { verb: 'host quarantine', subject: host.id, ...cause, detail: {} },
    at: timestampOf(now),
  })
  return changed
}
