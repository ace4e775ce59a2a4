import {
  canonicalJson,
  digestOf,
  type HostId,
  type Json,
  maximumCardBytes,
  YardError,
} from '../../model/index.ts'
import type { CertifiedHost } from '../../trust/index.ts'
import { type StatementSigner, sealEnvelope } from '../../trust/pure.ts'
import type { FleetContext } from '../context.ts'
import type { ChannelView, DeparturesView } from '../departures-view.ts'
import { callerFault } from '../enrol/decide-renewal.ts'
import { composeCard, openAttempt } from './compose-card.ts'

/** Where hosts get their cards. */
export interface CardDesk {
  /**
   * The caller's own card, as text of its envelope; of one hour and one state it is the same.
   * @throws YardError `forbidden`: the caller is no host any more; `not-found`: its channel has no statements yet, so that nobody could
   *   verify a card; `unavailable`: the keys that sign cards are not at hand.
   */
  card(caller: CertifiedHost): Promise<string>
}

/** The name of a host's card, which does not tell the host: `SHA256.json`. */
export function cardName(host: HostId): string {
  return `${digestOf(Buffer.from(`switchyard card\n${host}\n`))}.json`
}

export function createCardDesk(
  context: Pick<FleetContext, 'catalog' | 'now' | 'statementSigners'>,
  departures: () => Promise<DeparturesView>,
): CardDesk {
  return {
    async card(caller) {
      const catalog = await context.catalog()
      const [host, notes] = await catalog.readHosts(hosts =>
        Promise.all([hosts.host(caller.host), hosts.cardNotes(caller.host)]),
      )
      const fault = callerFault(caller, host)
      if (fault !== undefined) throw fault
      const { id, train, channel } = host!
      const view = await (await departures()).channel(train, channel)
      const open = openAttempt(view.rollout, view.departures?.moved)
      const card = composeCard(host!, notes, open, context.now())
      const signers = signersFor(view, await context.statementSigners(), `${train}/${channel}`)
      const text = canonicalJson(sealEnvelope('card', card, signers) as unknown as Json)
      if (text.length > maximumCardBytes) throw tooLarge(id, text.length)
      return text
    },
  }
}

/** The keys of the rollout's role that are at hand. */
function signersFor(
  { signers }: ChannelView,
  atHand: readonly StatementSigner[],
  channel: string,
): StatementSigner[] {
  if (signers === undefined)
    throw new YardError('not-found', `the channel ${channel} has no statements yet, and so no cards`, {
      hint: `promote a release to it: \`switchyard promote ${channel}\``,
    })
  const found = atHand.filter(({ key }) => signers.includes(key.keyid))
  if (found.length > 0) return found
  throw new YardError(
    'unavailable',
    `no key that signs cards of ${channel} is at hand; hosts keep the ones they have`,
    {
      hint: 'restore keys/statements/ of the yard from its backup',
    },
  )
}

function tooLarge(host: HostId, bytes: number): YardError {
  return new YardError(
    'invalid',
    `the card of the host ${host} would have ${bytes} bytes, more than ${maximumCardBytes}`,
    {
      hint: 'shorten its labels',
    },
  )
}
