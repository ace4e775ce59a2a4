import { nearestName } from '../config/index.ts'
import {
  type Name,
  parseChannelReference,
  parseReference,
  type SnapshotRecord,
  YardError,
} from '../model/index.ts'
import { findSnapshot, listSnapshots, readChannel } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { declaredChannel } from './declared-train.ts'
import { findRelease } from './release-reference.ts'
import { isTrain } from './remove-release.ts'

/** What a reference names: one snapshot, or the snapshots of a release by the repositories of its train. */
export type Referent =
  | { kind: 'snapshot'; name: string; snapshot: SnapshotRecord }
  | {
      kind: 'release'
      /** `TRAIN@T`. */
      name: string
      /** `TRAIN/CHANNEL`, where the release was named by a channel that is at it. */
      channel?: string
      snapshots: Map<Name, SnapshotRecord>
    }

/**
 * What `REPO`, `REPO@T`, `TRAIN`, `TRAIN@T` (or `@latest`) or `TRAIN/CHANNEL` names; a channel stands for the release that it
 * points to.
 * @throws YardError `usage` for a malformed reference; `not-found` when it names nothing, or a channel that never was
 *   promoted to; `damaged` when a release is not what this yard signed.
 */
export async function resolveReference(context: TrainContext, text: string): Promise<Referent> {
  if (text.includes('/')) return resolveChannel(context, text)
  const { repository: name } = parseReference(text)
  if (await isTrain(context, name)) return resolveRelease(context, text)
  if (!(await isRepository(context, name))) throw unknownName(context, name)
  const snapshot = await findSnapshot(context, text)
  return { kind: 'snapshot', name: `${snapshot.repository}@${snapshot.timestamp}`, snapshot }
}

async function resolveChannel(context: TrainContext, text: string): Promise<Referent> {
  const reference = parseChannelReference(text)
  const at = await readChannel(context.refs, reference.train, reference.channel)
  if (at !== undefined)
    return { ...(await resolveRelease(context, `${at.train}@${at.release}`)), channel: text }
  declaredChannel(context, reference)
  throw new YardError('not-found', `${text} is at no release: it has never been promoted to`, {
    hint: `run \`switchyard promote ${text}\``,
  })
}

async function resolveRelease(context: TrainContext, text: string): Promise<Referent & { kind: 'release' }> {
  const { train, timestamp, snapshots } = await findRelease(context, text)
  const found = new Map<Name, SnapshotRecord>()
  for (const [repository, named] of Object.entries(snapshots))
    found.set(repository as Name, await findSnapshot(context, `${named.repository}@${named.timestamp}`))
  return { kind: 'release', name: `${train}@${timestamp}`, snapshots: found }
}

async function isRepository({ configuration, refs }: TrainContext, name: Name): Promise<boolean> {
  return configuration.repositories.has(name) || (await listSnapshots(refs, name)).length > 0
}

function unknownName({ configuration }: TrainContext, name: Name): YardError {
  const known = [...configuration.repositories.keys(), ...configuration.trains.keys()]
  const nearest = nearestName(name, known)
  return new YardError('not-found', `there is no repository and no train ${name}`, {
    hint:
      nearest !== undefined
        ? `did you mean ${nearest}?`
        : known.length === 0
          ? 'add one to switchyard.yaml'
          : `there are: ${known.join(', ')}`,
  })
}
