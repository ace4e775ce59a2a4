import {
  type Departures,
  type Halt,
  haltConcerns,
  type Name,
  type NamedRelease,
  type RolloutStatement,
  type Timestamp,
  timestampOf,
  wholeRank,
  YardError,
} from '../../model/index.ts'

/** Where a channel is to stand, and what its statement says beside. */
export interface Destination {
  train: Name
  channel: Name
  release: NamedRelease
  fallbacks: NamedRelease[]
  floor: Timestamp
  moved: Timestamp
}

/** A channel's statement at a move. Halts that were lifted before stay lifted. */
export function departuresTo(destination: Destination, before: Departures | undefined): Departures {
  return { version: 1, ...destination, lifted: before?.lifted ?? 0 }
}

/**
 * The same statement, by which halts up to the highest of these that concern the channel bind it no more; undefined when none
 * of them binds it now.
 */
export function liftedFrom(before: Departures, halts: readonly Halt[]): Departures | undefined {
  const binding = halts.filter(halt => binds(halt, before)).map(({ number }) => number)
  return binding.length === 0 ? undefined : { ...before, lifted: Math.max(...binding) }
}

/** Whether a halt holds a channel that has said this. */
export function binds(halt: Halt, { train, channel, lifted }: Departures): boolean {
  return halt.number > lifted && haltConcerns(halt, train, channel)
}

/**
 * Every host of the channel may follow. Each move is an attempt of its own, so that a host that went back from a release takes it
 * again once it is promoted anew.
 */
export function rolloutOf({ train, channel, release, moved }: Departures): RolloutStatement {
  return {
    version: 1,
    train,
    channel,
    release,
    attempt: moved,
    state: 'idle',
    grants: [{ stratum: '', below: wholeRank }],
    onStale: 'freeze',
  }
}

/** Below every release. */
export const noFloor = timestampOf(0)

/**
 * The security floor after a move: it only rises, since a host that has seen a higher one keeps it.
 * @param asked undefined: as before.
 * @throws YardError `refused` when the release lies below the floor; `usage` for a floor that would fall.
 */
export function floorAfter(
  { train, channel, release }: { train: Name; channel: Name; release: Timestamp },
  before: Pick<Departures, 'floor'> | undefined,
  asked: Timestamp | undefined,
): Timestamp {
  const known = before?.floor ?? noFloor
  const floor = asked ?? known
  if (floor < known)
    throw new YardError(
      'usage',
      `the floor of ${train}/${channel} is ${train}@${known}, and a floor only rises; nothing was moved`,
      {
        hint: 'hosts that have seen it go below it never again: cut a new release with what the old one had',
      },
    )
  if (release >= floor) return floor
  throw new YardError(
    'refused',
    `${train}@${release} lies below ${train}@${floor}, the security floor of ${train}/${channel}; nothing was moved`,
    { hint: `cut a new release with what it had, or promote one from ${train}@${floor} on` },
  )
}
