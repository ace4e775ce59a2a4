import { type Departures, type Digest, digestOf, type Name, type RolloutStatement } from '../model/index.ts'
import type { Refs } from '../store/index.ts'
import type { Published } from '../trust/index.ts'
import { claimedHalt, readHalts, roleOf, targetOf } from '../trust/pure.ts'

/** What hosts can read of statements at this moment, as far as the yard asks when it speaks with them. */
export interface DeparturesView {
  /** Version of `timestamp.json`; 0: there is none. */
  timestamp: number
  /** The highest halt that the yard has; 0: none. */
  halt: number
  /** SHA-256 of the file of halts; undefined: there is none. */
  halts: Digest | undefined
  channel(train: Name, channel: Name): Promise<ChannelView>
}

export interface ChannelView {
  departures: Departures | undefined
  rollout: RolloutStatement | undefined
  /** Ids of the keys that sign rollouts and cards; undefined: hosts know of none yet. */
  signers: readonly Digest[] | undefined
  /** Attempts of the channel that hosts can still read of. */
  attempts: ReadonlySet<string>
  /** SHA-256 over both statements: another one is news to the hosts of the channel. */
  digest: Digest
}

interface Given {
  refs: Refs
  published(): Promise<Published | undefined>
  /** Milliseconds of a clock that never goes back. */
  clock(): number
}

/** How long, in milliseconds, an answer stands before the refs are asked whether it still does. */
const briefly = 500

/** @param isPressing asks the refs at once: somebody speaks of what was not there a moment ago. */
export type LookAtDepartures = (isPressing?: boolean) => Promise<DeparturesView>

/** Answers what hosts can read now; read anew when another process changed it, of which the refs are asked twice a second. */
export function watchDepartures(given: Given): LookAtDepartures {
  let known: { texts: string; view: Promise<DeparturesView> } | undefined
  let asked = Number.NEGATIVE_INFINITY
  let asking: Promise<DeparturesView> | undefined
  const ask = async () => {
    const [timestamp, halts] = await Promise.all([
      given.refs.read('departures/metadata/timestamp.json'),
      given.refs.read('departures/halt/latest.json'),
    ])
    const texts = JSON.stringify([timestamp, halts])
    if (known?.texts !== texts) known = { texts, view: viewOf(given, halts) }
    asked = given.clock()
    try {
      return await known.view
    } catch (error) {
      known = undefined
      throw error
    }
  }
  return async isPressing => {
    if (known !== undefined && isPressing !== true && given.clock() - asked < briefly) return known.view
    asking ??= ask().finally(() => (asking = undefined))
    return asking
  }
}

async function viewOf({ refs, published }: Given, halts: string | undefined): Promise<DeparturesView> {
  const read = await published()
  const channels = new Map<string, Promise<ChannelView>>()
  return {
    timestamp: read?.timestamp?.signed.version ?? 0,
    halt: Math.max(0, ...(readHalts(halts ?? '') ?? []).map(one => claimedHalt(one)?.number ?? 0)),
    halts: halts === undefined ? undefined : digestOf(Buffer.from(halts)),
    channel(train, channel) {
      const name = `${train}/${channel}`
      const known = channels.get(name) ?? channelOf(refs, read, train, channel)
      channels.set(name, known)
      known.catch(() => channels.delete(name))
      return known
    },
  }
}

async function channelOf(
  refs: Refs,
  read: Published | undefined,
  train: Name,
  channel: Name,
): Promise<ChannelView> {
  const role = roleOf.rollout(train, channel)
  const [departures, rollout] = await Promise.all([
    read?.target(roleOf.channel(train, channel), targetOf.departures(train, channel)),
    read?.target(role, targetOf.rollout(train, channel)),
  ])
  return {
    departures: departures === undefined ? undefined : JSON.parse(departures),
    rollout: rollout === undefined ? undefined : JSON.parse(rollout),
    signers: read?.targets?.signed.delegations?.roles.find(({ name }) => name === role)?.keyids as
      | Digest[]
      | undefined,
    attempts: await attemptsOf(refs, train, channel),
    digest: digestOf(Buffer.from(`${departures}\n${rollout}`)),
  }
}

/** Statements are kept for a while after others took their place, because hosts may be reading them. */
async function attemptsOf(refs: Refs, train: Name, channel: Name): Promise<ReadonlySet<string>> {
  const directory = `departures/targets/rollouts/${train}`
  const names = (await refs.list(directory)).filter(name => name.slice(65) === `${channel}.json`)
  const texts = await Promise.all(names.map(name => refs.read(`${directory}/${name}`)))
  return new Set(
    texts.flatMap(text => (text === undefined ? [] : [(JSON.parse(text) as RolloutStatement).attempt])),
  )
}
