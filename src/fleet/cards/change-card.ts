import type { CardNotes } from '../../catalog/index.ts'
import { type HostId, millisecondsOf, type Name, type Timestamp, YardError } from '../../model/index.ts'
import type { FleetContext } from '../context.ts'
import { changed, type HostDetail } from '../hosts/hosts.ts'

/** What an operator changes of a host's card beside its labels. */
export type CardChange =
  /** It starts nothing, until when or until it is lifted. */
  | { kind: 'hold'; until?: Timestamp | undefined; why: string }
  | { kind: 'unhold'; why?: string | undefined }
  /** It tries a release, and goes back by itself. */
  | { kind: 'borrow'; release: Timestamp; until: Timestamp; why: string }
  | { kind: 'return'; why?: string | undefined }
  /** What it may have beyond its channel, by name: all of it. */
  | { kind: 'entitle'; entitlements: Name[]; why?: string | undefined }

/** What the card has room for. */
const [mostOfWho, mostEntitlements, mostOfEntitlements] = [64, 8, 192]

/**
 * Changes what a host's card says; hosts get it when they ask for their card.
 * @throws YardError `not-found`; `usage`; `refused` when the host was revoked, or a release was not signed for its channel.
 */
export async function changeCard(context: FleetContext, id: HostId, change: CardChange): Promise<HostDetail> {
  const { kind, why, ...said } = change
  return changed(context, id, { verb: `host ${kind}`, why, detail: said }, async (hosts, host) => {
    if (host.state === 'revoked')
      throw new YardError('refused', `the host ${id} was revoked: ${host.why}; nothing was changed`)
    const before = await hosts.cardNotes(id)
    const after = await notesAfter(context, before, change, host)
    if (JSON.stringify(after) === JSON.stringify(before)) return undefined
    await hosts.changeCardNotes(id, after)
    return host
  })
}

async function notesAfter(
  context: FleetContext,
  notes: CardNotes,
  change: CardChange,
  at: { train: Name; channel: Name },
): Promise<CardNotes> {
  const who = context.actor.who.slice(0, mostOfWho)
  switch (change.kind) {
    case 'hold': {
      const { until, why } = change
      if (until !== undefined) refusePast(context, until)
      return { ...notes, hold: { who, why, ...(until === undefined ? {} : { until }) } }
    }
    case 'unhold': {
      const { hold: _, ...rest } = notes
      return rest
    }
    case 'borrow': {
      refusePast(context, change.until)
      const release = await signedRelease(context, at, change.release)
      return { ...notes, borrowing: { release, who, until: change.until } }
    }
    case 'return': {
      const { borrowing: _, ...rest } = notes
      return rest
    }
    case 'entitle': {
      const entitlements = [...new Set(change.entitlements)].sort()
      if (entitlements.length > mostEntitlements || entitlements.join().length > mostOfEntitlements)
        throw new YardError(
          'usage',
          `a host's card has room for ${mostEntitlements} entitlements of ${mostOfEntitlements} characters together; nothing was changed`,
        )
      return { ...notes, entitlements }
    }
  }
}

function refusePast({ now }: FleetContext, until: Timestamp): void {
  if (millisecondsOf(until) < now())
    throw new YardError('usage', `${until} is past; nothing was changed`, { hint: 'name a moment to come' })
}

/** A card lends only what people have signed: it is signed online, and so must not bring anything else. */
async function signedRelease(
  { statements }: FleetContext,
  { train, channel }: { train: Name; channel: Name },
  release: Timestamp,
): Promise<NonNullable<CardNotes['borrowing']>['release']> {
  const departures = await statements.departures(train, channel)
  const signed = departures === undefined ? [] : [departures.release, ...departures.fallbacks]
  const found = signed.find(one => one.release === release)
  if (found !== undefined) return found
  const names = signed.map(one => `${train}@${one.release}`).join(', ')
  throw new YardError(
    'refused',
    `${train}@${release} is not signed for hosts of ${train}/${channel}; nothing was changed`,
    { hint: names === '' ? `promote a release to ${train}/${channel} first` : `signed for it: ${names}` },
  )
}
