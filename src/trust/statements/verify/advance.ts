import { messageOf, type Name, YardError } from '../../../model/index.ts'
import type { OpenedHalt } from '../halts.ts'
import { type Chain, followChain } from './chain.ts'
import type { Clock } from './clock.ts'
import { followHalts } from './halts.ts'
import { caps, guardMetadata } from './metadata-guard.ts'
import { fetchCapped, remembering, type Source } from './source.ts'
import { readStanding, type Standing } from './standing.ts'
import { type Suspicion, suspicionOf } from './suspicion.ts'

/** All that a host believes. It is replaced as a whole, and lives in files of its own. */
export interface Trusted {
  /** Verified metadata by role, as it was signed. `root` is always there. */
  metadata: ReadonlyMap<string, Uint8Array>
  /** Undefined: no complete set of statements was ever seen. */
  standing?: Standing
  /** The highest halt that concerns the channel, lifted or not. */
  halt?: OpenedHalt
}

export interface Advance {
  /** Never behind what was handed in. Worth keeping, also where there is a suspicion. */
  trusted: Trusted
  /** Why this source brought no complete set of statements, or not all halts. What stood before stands. */
  suspicion?: Suspicion
}

/**
 * Goes as far as the statements of one place can be verified. Two places: hand the trust that the first one left to the second, and the newest wins.
 * Nothing that a place shows can make it throw, go back, or unable to go on once a good place is there again.
 * @throws YardError `damaged` when the trusted root itself cannot be read: begin again from the one of the enrolment.
 */
export async function advance(
  trusted: Trusted,
  source: Source,
  { train, channel, clock }: { train: Name; channel: Name; clock: Clock },
): Promise<Advance> {
  expectRoot(trusted.metadata.get('root'))
  const once = remembering(source)
  let metadata = new Map(trusted.metadata)
  const last = isOf(trusted.standing, train, channel) ? trusted.standing : undefined
  let standing = last
  let suspicion: Suspicion | undefined
  try {
    if (last === undefined || (await bringsNews(trusted.metadata, last, once))) {
      const chain = await followChain(metadata, once, clock)
      standing = await readStanding(chain, train, channel, last)
      metadata = withRoles(metadata, chain)
    }
  } catch (error) {
    suspicion = suspicionOf(error, 'metadata')
  }
  // The kept halt is verified again too: a root that takes the key of its author away takes the halt with it.
  const halts = await followHalts(metadata.get('root')!, trusted.halt, source, { train, channel })
  suspicion ??= halts.suspicion
  return {
    trusted: { metadata, ...(standing && { standing }), ...(halts.halt && { halt: halts.halt }) },
    ...(suspicion && { suspicion }),
  }
}

/** What a host was told at enrolment, or was verified since: if it is no root, the disk is at fault. */
function expectRoot(root: Uint8Array | undefined): void {
  try {
    guardMetadata('trusted root', 'root', Buffer.from(root ?? ''))
  } catch (error) {
    throw new YardError('damaged', `the trusted root cannot be read: ${messageOf(error)}`, {
      hint: 'begin again from the root of the enrolment; no statement is lost by it',
      cause: error,
    })
  }
}

/** The roles that led to the channel's statements, and no others. */
function withRoles(metadata: Map<string, Uint8Array>, { visited }: Chain): Map<string, Uint8Array> {
  const above = ['root', 'timestamp', 'snapshot'].map(role => [role, metadata.get(role)!] as const)
  return new Map([...above, ...[...visited].map(([role, { bytes }]) => [role, bytes] as const)])
}

/** Whether the place shows another root or timestamp than the ones that the standing was read from. */
async function bringsNews(
  metadata: ReadonlyMap<string, Uint8Array>,
  { root, timestamp }: Standing,
  source: Source,
): Promise<boolean> {
  if ((await fetchCapped(source, `metadata/${root + 1}.root.json`, caps.root)) !== undefined) return true
  const known = metadata.get('timestamp')
  const shown = await fetchCapped(source, 'metadata/timestamp.json', caps.timestamp)
  if (known === undefined || shown === undefined || !shown.equals(known)) return true
  return (JSON.parse(shown.toString('utf8')) as { signed: { version: number } }).signed.version !== timestamp
}

function isOf(standing: Standing | undefined, train: Name, channel: Name): boolean {
  return standing?.train === train && standing.channel === channel
}
