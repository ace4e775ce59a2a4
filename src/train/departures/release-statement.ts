import type {
  ByteString,
  Digest,
  Name,
  ReleasedRepository,
  ReleaseRecord,
  ReleaseStatement,
  SnapshotRecord,
} from '../../model/index.ts'
import { findSnapshot } from '../../repository/index.ts'
import { decodeFileEntry, lookup } from '../../tree/index.ts'
import type { TrainContext } from '../context.ts'

/**
 * What hosts are told that a release is.
 * @throws YardError `not-found` when a snapshot of it is gone; `damaged` when a page of its tree is.
 */
export async function stateRelease(context: TrainContext, release: ReleaseRecord): Promise<ReleaseStatement> {
  const named = Object.entries(release.snapshots) as [Name, ReleaseRecord['snapshots'][Name]][]
  const repositories = await Promise.all(
    named.map(async ([name, { repository, timestamp }]): Promise<[Name, ReleasedRepository]> => {
      const record = await findSnapshot(context, `${repository}@${timestamp}`)
      return [name, releasedRepository(record, await anchorsIn(context, record))]
    }),
  )
  return {
    version: 1,
    train: release.train,
    release: release.timestamp,
    repositories: Object.fromEntries(repositories),
  }
}

export function releasedRepository(
  { format, repository, timestamp, files, packages }: SnapshotRecord,
  anchors: ReleasedRepository['anchors'],
): ReleasedRepository {
  return { format, snapshot: { repository, timestamp }, files, packages, anchors }
}

/** Where the files may lie from which apt and dnf go on by digests of their own. */
export function anchorPaths(record: SnapshotRecord): ByteString[] {
  return record.format === 'apt'
    ? record.suites.flatMap(({ directory }) => ['InRelease', 'Release'].map(name => below(directory, name)))
    : record.repodata.map(({ directory }) => below(directory, 'repodata/repomd.xml'))
}

function below(directory: ByteString, path: string): ByteString {
  return directory === '' ? path : `${directory}/${path}`
}

async function anchorsIn(
  context: TrainContext,
  record: SnapshotRecord,
): Promise<ReleasedRepository['anchors']> {
  const anchors: { [path: ByteString]: Digest } = {}
  for (const path of anchorPaths(record)) {
    const value = await lookup(context.trees, record.files, path)
    if (value !== undefined) anchors[path] = decodeFileEntry(value).sha256
  }
  return anchors
}
