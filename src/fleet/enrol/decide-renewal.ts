import type { HostRecord } from '../../catalog/index.ts'
import { YardError } from '../../model/index.ts'
import type { CertifiedHost } from '../../trust/index.ts'
import type { RenewalRequest } from '../../trust/pure.ts'
import { withBoot } from '../reports/boots.ts'
import { clonedError, quarantinedError } from './decide-enrolment.ts'

export type RenewalDecision =
  | { outcome: 'granted'; host: HostRecord }
  | { outcome: 'cloned'; host: HostRecord; error: YardError }
  | { outcome: 'refused'; error: YardError }

/**
 * Whether a host gets another certificate for its key.
 * @param caller who the connection's certificate proves that it is.
 * @param host what the yard knows of the caller.
 */
export function decideRenewal(
  request: RenewalRequest,
  caller: CertifiedHost,
  host: HostRecord | undefined,
): RenewalDecision {
  if (request.host !== caller.host)
    return refused(
      'forbidden',
      `the host ${caller.host} may not ask for the certificate of ${request.host}; nothing was changed`,
    )
  if (request.public !== caller.public)
    return refused(
      'forbidden',
      `the host ${caller.host} asks for a certificate of another key than its own; nothing was changed`,
      'a new key takes enrolling anew',
    )
  const fault = callerFault(caller, host)
  if (fault !== undefined) return { outcome: 'refused', error: fault }
  if (request.machine !== host!.machine) return { outcome: 'cloned', host: host!, error: clonedError(host!) }
  if (host!.state === 'quarantined') return { outcome: 'refused', error: quarantinedError(host!) }
  if (caller.validity === 'late' && !request.late)
    return refused(
      'unauthenticated',
      `the certificate of the host ${caller.host} has expired; nothing was changed`,
      'it is renewed late for a host that could have no fresh statement, and says so',
    )
  const boots = withBoot(host!.boots, request.boot, request.counter)
  if (boots === undefined) return { outcome: 'cloned', host: host!, error: clonedError(host!) }
  return { outcome: 'granted', host: { ...host!, boots } }
}

/**
 * Why whoever has a good certificate is not that host all the same; undefined: it is. A quarantined host is itself.
 * @param host what the yard knows of it.
 */
export function callerFault(caller: CertifiedHost, host: HostRecord | undefined): YardError | undefined {
  if (host === undefined)
    return new YardError('forbidden', `the host ${caller.host} is not known here; nothing was changed`, {
      hint: 'a yard that was restored from a backup does not know hosts that enrolled since: enrol it again',
    })
  if (host.state === 'revoked')
    return new YardError('forbidden', `the host ${host.id} was revoked: ${host.why}; nothing was changed`)
  if (host.public !== caller.public)
    return new YardError(
      'forbidden',
      `the host ${host.id} has enrolled anew, with another key; nothing was changed`,
    )
  return undefined
}

function refused(code: 'forbidden' | 'unauthenticated', message: string, hint?: string): RenewalDecision {
  return { outcome: 'refused', error: new YardError(code, message, hint === undefined ? {} : { hint }) }
}
