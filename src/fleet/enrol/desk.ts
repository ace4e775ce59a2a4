import type { HostRecord, HostWrites } from '../../catalog/index.ts'
import {
  isYardError,
  type Json,
  type Name,
  type Timestamp,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import {
  type Authority,
  type CertifiedHost,
  certificateLifetimes,
  type HostCertificatePlan,
  issuerForHosts,
  nameInToken,
  newHostId,
  planHostCertificate,
  signHostCertificate,
} from '../../trust/index.ts'
import {
  type EnrolmentAnswer,
  type EnrolmentRequest,
  openEnrolmentRequest,
  openRenewalRequest,
  type RenewalRequest,
} from '../../trust/pure.ts'
import type { FleetContext } from '../context.ts'
import { keepNotes } from '../hosts/hosts.ts'
import { inBatches } from '../in-batches.ts'
import { placesOf } from '../places.ts'
import { writeRevocations } from '../revocations.ts'
import { decideEnrolment, tokenFault } from './decide-enrolment.ts'
import { decideRenewal } from './decide-renewal.ts'
import { quarantineHost } from './quarantine.ts'

/** What the desk needs of the yard. */
export type DeskContext = Pick<
  FleetContext,
  'configuration' | 'authorities' | 'catalog' | 'refs' | 'locks' | 'now'
>

/** Where machines become hosts, and hosts get their next certificate. */
export interface EnrolmentDesk {
  /**
   * @param text a signed EnrolmentRequest.
   * @throws YardError `invalid` when it is none; `unauthenticated` for its token; `forbidden`, `refused`; `busy`.
   */
  enrol(text: string): Promise<EnrolmentAnswer>
  /**
   * @param text a signed RenewalRequest.
   * @param caller who the certificate of the connection proves that it is.
   * @throws as enrol.
   */
  renew(text: string, caller: CertifiedHost): Promise<EnrolmentAnswer>
}

type Asked =
  | { kind: 'enrolment'; request: EnrolmentRequest; token: Name }
  | { kind: 'renewal'; request: RenewalRequest; caller: CertifiedHost }

/** What was written of whoever gets a certificate; it is signed afterwards. */
interface Granted {
  host: HostRecord
  issuer: Authority
  plan: HostCertificatePlan
  replacesKey: boolean
}

type Outcome = Granted | { error: YardError }

/** Requests that come while others are being written are written together, in one transaction. */
const mostTogether = 250

/** Beyond so many whoever asks is told to come back. */
const mostWaiting = 4_096

/** A host may ask again when an answer was lost, so many times a day. */
const mostADay = 8

export function createEnrolmentDesk(context: DeskContext): EnrolmentDesk {
  const decide = inBatches<Asked, Outcome>(mostTogether, asked => decideTogether(context, asked))
  let waiting = 0
  const answer = async (asked: Asked): Promise<EnrolmentAnswer> => {
    if (waiting >= mostWaiting) throw tooManyAtOnce()
    waiting++
    const outcome = await decide(asked).finally(() => waiting--)
    if ('error' in outcome) throw outcome.error
    if (outcome.replacesKey) await writeRevocations(context)
    return answerFor(context, outcome)
  }
  return {
    async enrol(text) {
      const { request } = explained(() => openEnrolmentRequest(text))
      const token = nameInToken(request.token, 'host')
      if (token === undefined)
        throw new YardError('unauthenticated', 'the token is none for hosts; nothing was changed', {
          hint: '`switchyard host token create` makes one',
        })
      await refuseEarly(context, request, token)
      return answer({ kind: 'enrolment', request, token })
    },
    async renew(text, caller) {
      const { request } = explained(() => openRenewalRequest(text))
      return answer({ kind: 'renewal', request, caller })
    },
  }
}

/** Whoever has no good token must not wait for, or hold up, those who write. */
async function refuseEarly(context: DeskContext, request: EnrolmentRequest, name: Name): Promise<void> {
  const token = await (await context.catalog()).readHosts(hosts => hosts.hostToken(name))
  const fault = tokenFault(request.token, token, context.now())
  if (fault !== undefined) throw fault
}

function tooManyAtOnce(): YardError {
  return new YardError(
    'busy',
    'more machines ask for certificates than the yard can answer at this moment; nothing was changed',
    {
      hint: 'try again in a minute',
    },
  )
}

/** What is wrong with a request is no fault of an upstream. */
function explained<T>(open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw isYardError(error, 'untrusted') ? new YardError('invalid', error.message) : error
  }
}

/** One transaction: what one of them is refused for keeps the others from nothing. */
async function decideTogether(context: DeskContext, asked: readonly Asked[]): Promise<Outcome[]> {
  const issuer = issuerForHosts(await context.authorities())
  const now = context.now()
  return (await context.catalog()).changeHosts(async hosts => {
    const outcomes: Outcome[] = []
    for (const one of asked)
      outcomes.push(
        one.kind === 'enrolment'
          ? await enrolOne(hosts, one, issuer, now)
          : await renewOne(hosts, one, issuer, now),
      )
    return outcomes
  })
}

async function enrolOne(
  hosts: HostWrites,
  { request, token: name }: Asked & { kind: 'enrolment' },
  issuer: Authority,
  now: number,
): Promise<Outcome> {
  const token = await hosts.hostToken(name)
  const meant = token?.host === undefined ? undefined : await hosts.host(token.host)
  const holder = await hosts.hostByKey(request.public)
  const decision = decideEnrolment(request, { token, holder, meant, newId: newHostId(), now })
  if (decision.outcome === 'cloned') return quarantined(hosts, decision, now)
  if (decision.outcome === 'refused') return decision
  const { host, isNew, spends } = decision
  const fault = isNew ? undefined : await tooMany(hosts, host, now)
  if (fault !== undefined) return { error: fault }
  const replacesKey = meant !== undefined && meant.public !== host.public
  if (isNew) await hosts.addHost(host)
  else if (spends) {
    await keepNotes(hosts, meant ?? holder!, host, now)
    await hosts.changeHost(host)
  }
  if (replacesKey) await hosts.revokeCertificates(host.id, timestampOf(now))
  if (spends) await hosts.changeHostToken({ ...token!, used: token!.used + 1 })
  const { train, channel, labels } = host
  const detail = { train, channel, labels, ...(replacesKey ? { replacesKey } : {}) }
  await note(hosts, { verb: 'host enrol', subject: host.id, who: name, detail }, now)
  return { host, issuer, plan: await certify(hosts, host, issuer, now), replacesKey }
}

async function renewOne(
  hosts: HostWrites,
  { request, caller }: Asked & { kind: 'renewal' },
  issuer: Authority,
  now: number,
): Promise<Outcome> {
  const decision = decideRenewal(request, caller, await hosts.host(caller.host))
  if (decision.outcome === 'cloned') return quarantined(hosts, decision, now)
  if (decision.outcome === 'refused') return decision
  const { host } = decision
  const fault = await tooMany(hosts, host, now)
  if (fault !== undefined) return { error: fault }
  await hosts.changeHost(host)
  const detail = caller.validity === 'late' ? { late: true } : {}
  await note(hosts, { verb: 'host renew', subject: host.id, who: host.id, detail }, now)
  await hosts.forgetCertificates(host.id, timestampOf(now - certificateLifetimes.late))
  return { host, issuer, plan: await certify(hosts, host, issuer, now), replacesKey: false }
}

/** @returns the error that whoever asked is told. */
async function quarantined(
  hosts: HostWrites,
  { host, error }: { host: HostRecord; error: YardError },
  now: number,
): Promise<Outcome> {
  await quarantineHost(hosts, host, { why: 'its key is in two machines', who: 'switchyard', via: 'api' }, now)
  return { error }
}

/** Certificates are recorded before they are signed, so that there is none that cannot be revoked. */
async function certify(
  hosts: HostWrites,
  host: HostRecord,
  { serial: authority }: Authority,
  now: number,
): Promise<HostCertificatePlan> {
  const plan = planHostCertificate(host.id, now)
  const { serial, issued, expires } = plan
  await hosts.addCertificate({
    serial,
    host: host.id,
    authority,
    issued: timestampOf(issued),
    expires: timestampOf(expires),
  })
  return plan
}

async function tooMany(hosts: HostWrites, { id }: HostRecord, now: number): Promise<YardError | undefined> {
  const since: Timestamp = timestampOf(now - 86_400_000)
  const lately = (await hosts.certificatesOf(id)).filter(({ issued }) => issued > since)
  if (lately.length < mostADay) return undefined
  return new YardError(
    'busy',
    `the host ${id} has had ${lately.length} certificates within a day; nothing was changed`,
    {
      hint: 'try again tomorrow, and see whether it keeps what it is answered',
    },
  )
}

async function note(
  hosts: HostWrites,
  { detail, ...line }: { verb: string; subject: string; who: string; detail: Json },
  now: number,
): Promise<void> {
  await hosts.appendAudit({ draft: { ...line, via: 'api', detail }, at: timestampOf(now) })
}

async function answerFor(context: DeskContext, { host, issuer, plan }: Granted): Promise<EnrolmentAnswer> {
  const authorities = await context.authorities()
  return {
    version: 1,
    host: host.id,
    certificate: signHostCertificate(issuer, plan, host.public),
    ca: authorities.map(({ certificate }) => certificate).join(''),
    train: host.train,
    channel: host.channel,
    places: placesOf(context.configuration),
  }
}
