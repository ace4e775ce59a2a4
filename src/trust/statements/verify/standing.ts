import type { Metadata, TargetFile, Targets } from '@tufjs/models'
import {
  canonicalJson,
  type Departures,
  type Digest,
  digestOf,
  type Json,
  messageOf,
  type Name,
  type NamedRelease,
  type ReleaseStatement,
  type RolloutStatement,
} from '../../../model/index.ts'
import { targetOf } from '../layout.ts'
import { type StatementKey, statementKeyOf } from '../statement-key.ts'
import type { Chain, FoundTarget } from './chain.ts'
import { signedAfter } from './clock.ts'
import { caps } from './metadata-guard.ts'
import { isAbout, readDepartures, readReleaseStatement, readRolloutStatement } from './read-statements.ts'
import { Suspicion } from './suspicion.ts'

/** What a host stands on: the last complete set of statements of its channel whose every signature and digest agreed. */
export interface Standing {
  train: Name
  channel: Name
  /** Versions of the metadata that it was read from. */
  root: number
  timestamp: number
  /** It was not signed before this moment, in milliseconds; the host's clock cannot be right if it is much earlier. */
  signedAfter: number
  /** When the first of its parts expires, in milliseconds. */
  expires: number
  departures: Departures
  rollout: RolloutStatement
  /** Of the release that the rollout names. */
  release: ReleaseStatement
  /** Whose signature a host's card bears: the keys of the channel's rollout role. */
  cardKeys: { keys: StatementKey[]; threshold: number }
}

/**
 * Reads the three statements of a channel, each from the role that its path is delegated to, and demands that they agree.
 * @param last of the same channel: what did not change is not fetched again.
 * @throws Suspicion
 */
export async function readStanding(
  chain: Chain,
  train: Name,
  channel: Name,
  last: Standing | undefined,
): Promise<Standing> {
  const departures = await readTarget(
    chain,
    targetOf.departures(train, channel),
    readDepartures,
    last?.departures,
  )
  const rollout = await readTarget(
    chain,
    targetOf.rollout(train, channel),
    readRolloutStatement,
    last?.rollout,
  )
  for (const { path, statement } of [departures, rollout])
    if (!isAbout(statement, train, channel))
      throw wrong(path, `it speaks of ${statement.train}/${statement.channel}, not of ${train}/${channel}`)
  demandAllowed(departures.statement, rollout)
  const release = await readRelease(chain, rollout, last?.release)
  const { root, timestamp, snapshot } = chain.store
  const roles = [
    root,
    timestamp!,
    snapshot!,
    ...[...chain.visited.keys()].map(role => chain.store.getRole(role)!),
  ]
  return {
    train,
    channel,
    root: root.signed.version,
    timestamp: timestamp!.signed.version,
    signedAfter: signedAfter(timestamp!.signed),
    expires: Math.min(...roles.map(({ signed }) => Date.parse(signed.expires))),
    departures: departures.statement,
    rollout: rollout.statement,
    release,
    cardKeys: keysOf(chain, rollout.found),
  }
}

/** The online key may point to what people named for the channel, and to nothing else. */
function demandAllowed(
  { release, fallbacks, floor }: Departures,
  { path, statement }: Read<RolloutStatement>,
): void {
  const named = statement.release
  if (![release, ...fallbacks].some(one => isSame(one, named)))
    throw wrong(path, `it names the release ${named.release} (${named.digest}), which the channel does not`)
  if (named.release < floor)
    throw new Suspicion(
      'rollback',
      `targets/${path}`,
      `it names the release ${named.release}, below the floor ${floor}`,
    )
}

async function readRelease(
  chain: Chain,
  { statement: rollout }: Read<RolloutStatement>,
  last: ReleaseStatement | undefined,
): Promise<ReleaseStatement> {
  const { release, digest } = rollout.release
  const { path, found, statement } = await readTarget(
    chain,
    targetOf.release(rollout.train, release),
    readReleaseStatement,
    last,
    digest,
  )
  if (statement.train !== rollout.train || statement.release !== release)
    throw wrong(path, `it states the release ${statement.train}@${statement.release}`)
  return found && statement
}

interface Read<T> {
  path: string
  found: FoundTarget
  statement: T
}

/** @param digest the one that the channel's statement names. */
async function readTarget<T extends object>(
  chain: Chain,
  path: string,
  read: (bytes: Uint8Array) => T,
  last: T | undefined,
  digest?: Digest,
): Promise<Read<T>> {
  const found = await chain.find(path)
  if (found === undefined) throw new Suspicion('unavailable', `targets/${path}`, 'no role names it')
  const { target } = found
  if (digest !== undefined && target.hashes.sha256 !== digest)
    throw wrong(path, `its signed digest is ${target.hashes.sha256}, but the channel names ${digest}`)
  if (last !== undefined && isUnchanged(last, target)) return { path, found, statement: last }
  const bytes = await chain.read(path, target, caps.statement)
  try {
    return { path, found, statement: read(bytes) }
  } catch (error) {
    throw new Suspicion('damaged', `targets/${path}`, messageOf(error), error)
  }
}

function isUnchanged(last: object, { hashes }: TargetFile): boolean {
  return hashes.sha256 === digestOf(Buffer.from(canonicalJson(last as Json)))
}

function isSame(one: NamedRelease, other: NamedRelease): boolean {
  return one.release === other.release && one.digest === other.digest
}

function keysOf(chain: Chain, { role, delegator }: FoundTarget): Standing['cardKeys'] {
  const { keys, roles } = (chain.store.getRole(delegator) as Metadata<Targets>).signed.delegations ?? {}
  const delegated = roles?.[role]
  const listed = (delegated?.keyIDs ?? []).map(keyid => keys?.[keyid]?.keyVal.public ?? '')
  return {
    keys: listed.filter(key => /^[0-9a-f]{64}$/.test(key)).map(statementKeyOf),
    threshold: delegated?.threshold ?? 1,
  }
}

function wrong(path: string, why: string): Suspicion {
  return new Suspicion('wrong-software', `targets/${path}`, why)
}
