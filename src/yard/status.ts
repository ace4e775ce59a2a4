import type { FleetContext } from '../fleet/index.ts'
import {
  type Departures,
  type Halt,
  isYardError,
  type Timestamp,
  timestampOf,
  type YardError,
} from '../model/index.ts'
import { readUpstreamMemory } from '../repository/index.ts'
import { binds, listDeclaredTrains, waitsOf } from '../train/index.ts'
import { listHalts, type StatementsState } from '../trust/index.ts'
import {
  type ChannelStatus,
  type Hand,
  needsHands,
  type RoleStatus,
  type StagedStatus,
  type StatusFacts,
} from './needs-hands.ts'

/** How the yard is, on one screen. */
export interface YardStatus {
  at: Timestamp
  /** As switchyard.yaml declares them. */
  channels: ChannelStatus[]
  statements: {
    /** `solo`: one key holds every role. `hardened`: people hold some. `none`: no channel was ever moved. `unknown`: it cannot be read. */
    profile: 'none' | 'solo' | 'hardened' | 'unknown'
    /** Until then hosts act on what they are told, if nothing is signed any more. */
    freshUntil?: Timestamp
    roles: RoleStatus[]
    staged: StagedStatus[]
  }
  /** Those that hold a channel. */
  halts: Halt[]
  /** What somebody should see to. */
  hands: Hand[]
}

/** Reads refs; the database is asked for quarantined hosts alone, and may be gone. What cannot be read needs hands. */
export async function readStatus(context: FleetContext): Promise<YardStatus> {
  const now = context.now()
  const { faults, tolerating } = createTolerance()
  const state = await tolerating(() => context.statements.state(), undefined)
  const halts = await tolerating(async () => (await listHalts(context.refs)).map(({ halt }) => halt), [])
  const { channels, isAnyRunning } = await readChannels(context, halts, tolerating)
  const roles = state === undefined ? [] : rolesIn(state)
  const facts: StatusFacts = {
    faults: [...faults.values()],
    channels,
    roles,
    isAnyRunning,
    staged: (state?.staged ?? []).map(change => ({ id: change.id, waits: waitsOf(change) })),
    halts: halts.filter(({ number }) => channels.some(channel => channel.halts.includes(number))),
    failing: await failing(context),
    quarantined: await quarantined(context),
  }
  const online = roles.filter(({ byPeople }) => !byPeople).map(({ expires }) => expires)
  return {
    at: timestampOf(now),
    channels,
    statements: {
      profile: profileOf(state),
      ...(online.length === 0 ? {} : { freshUntil: online.toSorted()[0]! }),
      roles,
      staged: [...facts.staged],
    },
    halts: [...facts.halts],
    hands: needsHands(facts, now),
  }
}

function profileOf(state: StatementsState | undefined): YardStatus['statements']['profile'] {
  if (state === undefined) return 'unknown'
  if (state.root === undefined) return 'none'
  return state.isSolo ? 'solo' : 'hardened'
}

type Tolerating = <T>(work: () => Promise<T>, otherwise: T) => Promise<T>

/** Goes on with something else where reading fails, and keeps why; each reason once. */
function createTolerance(): { faults: Map<string, YardError>; tolerating: Tolerating } {
  const faults = new Map<string, YardError>()
  const tolerating: Tolerating = async (work, otherwise) => {
    try {
      return await work()
    } catch (error) {
      if (!isYardError(error)) throw error
      faults.set(error.message, error)
      return otherwise
    }
  }
  return { faults, tolerating }
}

async function readChannels(
  context: FleetContext,
  halts: readonly Halt[],
  tolerating: Tolerating,
): Promise<{ channels: ChannelStatus[]; isAnyRunning: boolean }> {
  const found: ChannelStatus[] = []
  let isAnyRunning = false
  for (const { name: train, channels } of await listDeclaredTrains(context))
    for (const { name: channel, record } of channels) {
      const { statements } = context
      const departures = await tolerating(() => statements.departures(train, channel), undefined)
      const rollout = await tolerating(() => statements.rollout(train, channel), undefined)
      isAnyRunning ||= rollout?.state === 'running'
      const last = record?.history.at(-1)
      found.push({
        train,
        channel,
        ...(last === undefined ? {} : { release: last.release, moved: last.moved, who: last.who }),
        ...(departures === undefined ? {} : { told: toldBy(departures) }),
        halts: halts
          .filter(halt => departures !== undefined && binds(halt, departures))
          .map(({ number }) => number),
      })
    }
  return { channels: found, isAnyRunning }
}

function toldBy({ release, floor, fallbacks }: Departures): NonNullable<ChannelStatus['told']> {
  return { release: release.release, floor, fallbacks: fallbacks.map(one => one.release) }
}

function rolesIn({ roles, atHand }: StatementsState): RoleStatus[] {
  return roles.flatMap(({ role, keys, threshold, expires }) =>
    expires === undefined
      ? []
      : [
          {
            role,
            expires: timestampOf(Date.parse(expires)),
            byPeople: keys.filter(({ keyid }) => atHand.includes(keyid)).length < threshold,
          },
        ],
  )
}

async function failing({ configuration, refs }: FleetContext): Promise<StatusFacts['failing']> {
  const found: StatusFacts['failing'][number][] = []
  for (const repository of configuration.repositories.keys()) {
    const failure = (await readUpstreamMemory(refs, repository))?.failure
    if (failure !== undefined) found.push({ repository, ...failure })
  }
  return found
}

async function quarantined(context: FleetContext): Promise<number | undefined> {
  try {
    const counts = await (await context.catalog()).readHosts(hosts => hosts.countHosts())
    return counts.find(({ state }) => state === 'quarantined')?.count ?? 0
  } catch (error) {
    if (isYardError(error)) return undefined
    throw error
  }
}
