import { millisecondsOf, timestampOf } from '../model/index.ts'
import { type Authority, certificateLifetimes, signRevocations } from '../trust/index.ts'
import type { FleetContext } from './context.ts'

/** Where hosts and mirrors find it, among the statements. */
const revocationsRef = 'departures/revoked.crl'
const revocationsLock = '.host-revocations'
const lockWaitMilliseconds = 10_000

/** How long a list may be relied on, in milliseconds; a server signs it anew several times a day. */
const lifetime = 30 * 86_400_000

/** What signing it needs of the yard. */
type RevocationsContext = Pick<FleetContext, 'authorities' | 'catalog' | 'refs' | 'locks' | 'now'>

/** Signs the list of revoked certificates: of each CA one, PEM. Those that nobody accepts any more are left out. */
export async function writeRevocations(context: RevocationsContext): Promise<void> {
  const lock = await context.locks.acquire(revocationsLock, lockWaitMilliseconds)
  try {
    const authorities = await context.authorities()
    const lists = await Promise.all(authorities.map(authority => listOf(context, authority)))
    await context.refs.write(revocationsRef, lists.join(''))
  } finally {
    lock?.release()
  }
}

async function listOf(context: RevocationsContext, authority: Authority): Promise<string> {
  const now = context.now()
  const after = timestampOf(now - certificateLifetimes.late)
  const catalog = await context.catalog()
  const revoked = await catalog.readHosts(hosts => hosts.revokedCertificates(authority.serial, after))
  return signRevocations(authority, {
    number: Math.floor(now / 1000),
    issued: now,
    next: Math.min(now + lifetime, authority.expires),
    revoked: revoked.map(({ serial, revoked }) => ({ serial, at: millisecondsOf(revoked!) })),
  })
}
