import type { HostRecord } from '../catalog/index.ts'
import type { Authority, CertifiedHost } from '../trust/index.ts'
import { type CardDesk, createCardDesk } from './cards/card-desk.ts'
import type { FleetContext } from './context.ts'
import { type DeparturesView, watchDepartures } from './departures-view.ts'
import { callerFault } from './enrol/decide-renewal.ts'
import { createEnrolmentDesk, type EnrolmentDesk } from './enrol/desk.ts'
import { createReportDesk, type ReportDesk } from './reports/report-desk.ts'
import { writeRevocations } from './revocations.ts'

/** What hosts ask of a yard, by a port of their own. */
export interface HostsDoor extends EnrolmentDesk, ReportDesk, CardDesk {
  /** What hosts can read of statements now. */
  departures(): Promise<DeparturesView>
  /** The CAs by which hosts are known, the oldest first. */
  authorities(): Promise<readonly Authority[]>
  /** What is known of whoever has a good certificate. @throws YardError `forbidden` when that is no host any more. */
  host(caller: CertifiedHost): Promise<HostRecord>
  /** Signs the list of revoked certificates anew, so that it does not grow stale. */
  refreshRevocations(): Promise<void>
}

export function createHostsDoor(context: FleetContext): HostsDoor {
  const { refs, clock } = context
  const departures = watchDepartures({ refs, clock, published: context.statements.published })
  return {
    ...createEnrolmentDesk(context),
    ...createReportDesk(context, departures),
    ...createCardDesk(context, departures),
    departures,
    authorities: context.authorities,
    async host(caller) {
      const catalog = await context.catalog()
      const host = await catalog.readHosts(hosts => hosts.host(caller.host))
      const fault = callerFault(caller, host)
      if (fault !== undefined) throw fault
      return host!
    },
    refreshRevocations: () => writeRevocations(context),
  }
}
