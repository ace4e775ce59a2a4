import {
  type ChannelReference,
  canonicalJson,
  type Departures,
  type Digest,
  digestOf,
  type Json,
  type NamedRelease,
  type ReleaseRecord,
  type ReleaseStatement,
  type Timestamp,
} from '../../model/index.ts'
import type { Edits, Published } from '../../trust/index.ts'
import { roleOf, targetOf } from '../../trust/pure.ts'
import type { TrainContext } from '../context.ts'
import { findRelease } from '../release-reference.ts'
import { departuresTo, floorAfter, rolloutOf } from './channel-statements.ts'
import { fallbacksOf } from './fallbacks.ts'
import { stateRelease } from './release-statement.ts'

/** What hosts are told of a move, before anybody has signed it. */
export interface StatedMove {
  departures: Departures
  edits: Edits
}

/**
 * The statements that bring hosts of a channel to a release.
 * @param asked the security floor from now on; undefined: as before.
 * @throws YardError `refused` for a release below the floor; `usage` for a floor that would fall; as `stateRelease` does.
 */
export async function stateMove(
  context: TrainContext,
  { train, channel }: ChannelReference,
  release: ReleaseRecord,
  { moved, floor: asked }: { moved: Timestamp; floor: Timestamp | undefined },
): Promise<StatedMove> {
  const published = await context.statements.published()
  const before = await publishedDepartures(published, { train, channel })
  const floor = floorAfter({ train, channel, release: release.timestamp }, before, asked)
  const fresh: ReleaseStatement[] = []
  const known = await published?.role(roleOf.releases(train))
  const digestIn = (one: Timestamp) => known?.signed.targets[targetOf.release(train, one)]?.hashes.sha256
  const named = await nameRelease(context, release, digestIn, fresh)
  const fallbacks: NamedRelease[] = []
  for (const timestamp of await fallbacksOf(context, release, channel, floor))
    fallbacks.push(
      await nameRelease(context, await findRelease(context, `${train}@${timestamp}`), digestIn, fresh),
    )
  const departures = departuresTo({ train, channel, release: named, fallbacks, floor, moved }, before)
  return {
    departures,
    edits: { releases: fresh, departures: [departures], rollouts: [rolloutOf(departures)] },
  }
}

async function publishedDepartures(
  published: Published | undefined,
  { train, channel }: ChannelReference,
): Promise<Departures | undefined> {
  const text = await published?.target(roleOf.channel(train, channel), targetOf.departures(train, channel))
  return text === undefined ? undefined : (JSON.parse(text) as Departures)
}

/** What is signed as the statement of a channel. */
export function digestOfStatement(statement: Departures | ReleaseStatement): Digest {
  return digestOf(Buffer.from(canonicalJson(statement as unknown as Json)))
}

/**
 * A release by the digest of its statement. One that hosts know keeps the statement that they know, whatever would be said of it
 * today; another one's is added to `fresh`.
 */
async function nameRelease(
  context: TrainContext,
  release: ReleaseRecord,
  digestIn: (release: Timestamp) => Digest | undefined,
  fresh: ReleaseStatement[],
): Promise<NamedRelease> {
  const { timestamp } = release
  const known = digestIn(timestamp)
  if (known !== undefined) return { release: timestamp, digest: known }
  const statement = await stateRelease(context, release)
  fresh.push(statement)
  return { release: timestamp, digest: digestOfStatement(statement) }
}
