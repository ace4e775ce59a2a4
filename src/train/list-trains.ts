import type { ChannelRecord, Name, ReleaseRecord } from '../model/index.ts'
import { listReleases, readChannel } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { declaredTrain } from './declared-train.ts'
import { findRelease } from './release-reference.ts'

export interface TrainSummary {
  name: Name
  repositories: Name[]
  /** As declared, each with where it stands; undefined: it has never been moved. */
  channels: { name: Name; after?: Name; gates: string[]; record?: ChannelRecord }[]
  releaseCount: number
}

/** The declared trains, or one of them. @throws YardError `not-found`. */
export async function listDeclaredTrains(context: TrainContext, name?: Name): Promise<TrainSummary[]> {
  const trains =
    name === undefined ? [...context.configuration.trains.values()] : [declaredTrain(context, name)]
  return Promise.all(
    trains.map(async train => ({
      name: train.name,
      repositories: train.repositories,
      channels: await Promise.all(
        [...train.channels.values()].map(async ({ name, after, gates }) => {
          const record = await readChannel(context.refs, train.name, name)
          return {
            name,
            ...(after === undefined ? {} : { after }),
            gates: gates.map(({ gate }) => gate),
            ...(record === undefined ? {} : { record }),
          }
        }),
      ),
      releaseCount: (await listReleases(context.refs, train.name)).length,
    })),
  )
}

export interface ReleaseSummary {
  record: ReleaseRecord
  /** The channels that are at it now. */
  channels: Name[]
  /** Files that its snapshots name, and how many of them are here. */
  totalEntries: number
  localEntries: number
}

/** The releases of a train, oldest first. @throws YardError `damaged` when one is not what this yard signed. */
export async function summariseReleases(context: TrainContext, train: Name): Promise<ReleaseSummary[]> {
  const summaries: ReleaseSummary[] = []
  for (const timestamp of await listReleases(context.refs, train))
    summaries.push(await summariseRelease(context, await findRelease(context, `${train}@${timestamp}`)))
  return summaries
}

/** @throws YardError `not-found` when a snapshot of it is gone from the catalog. */
export async function summariseRelease(
  context: TrainContext,
  record: ReleaseRecord,
): Promise<ReleaseSummary> {
  const catalog = await context.catalog()
  const summary: ReleaseSummary = { record, channels: [], totalEntries: 0, localEntries: 0 }
  for (const { repository, timestamp } of Object.values(record.snapshots)) {
    const { totalEntries, localEntries } = await catalog.completeness(repository, timestamp)
    summary.totalEntries += totalEntries
    summary.localEntries += localEntries
  }
  for (const channel of context.configuration.trains.get(record.train)?.channels.keys() ?? [])
    if ((await readChannel(context.refs, record.train, channel))?.release === record.timestamp)
      summary.channels.push(channel)
  return summary
}
