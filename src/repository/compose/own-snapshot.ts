import type { Job } from '../../jobs/index.ts'
import { type Digest, nextTimestamp, type SnapshotRecord, type Timestamp } from '../../model/index.ts'
import { countOf, diff, type EditResult, edit, emptyTree } from '../../tree/index.ts'
import { commitSnapshot } from '../commit-snapshot.ts'
import type { RepositoryContext } from '../context.ts'
import { countPackages } from '../count-packages.ts'
import { byteDifference, toTreeEdits } from '../edit-files.ts'
import { completeTree, fetchTree } from '../fetch-tree.ts'
import { metadataEdits, packageFileEdits, sortedEdits } from '../file-edits.ts'
import { ownMetadataPaths } from '../metadata-paths.ts'
import { surroundings } from '../mirror/surroundings.ts'
import { collectRows } from '../package-rows.ts'
import { pagesFor } from '../pages-for.ts'
import type { Made } from '../sync-outcome.ts'
import type { OwnRepository, Publisher } from './publisher.ts'

/** What a snapshot of a repository of ours is made of. */
export interface OwnContent {
  packages: EditResult
  previous: SnapshotRecord | undefined
  /** For the metadata: that of the newest input, so that the same inputs give the same bytes. */
  date: Timestamp
  /** When the work began, in milliseconds since the epoch. */
  begun: number
  /** Of a composed one. */
  inputs?: readonly SnapshotRecord[]
  /** Digest of what was asked for. */
  settings: Digest
}

/** Writes the metadata of a packages tree of ours, has missing files fetched, and commits the snapshot. */
export async function makeOwnSnapshot(
  context: RepositoryContext,
  repository: OwnRepository,
  publisher: Publisher,
  content: OwnContent,
  job: Job,
): Promise<Made & { kind: 'created' }> {
  const { packages, previous, inputs } = content
  const catalog = await context.catalog()
  const pages = pagesFor(context, previous)
  const rows = await collectRows(
    diff(pages, previous?.packages ?? emptyTree('packages').digest, packages.root),
  )
  // The record names who signed, whatever becomes of the keys meanwhile.
  const keys = await context.signers()
  const signing: RepositoryContext = { ...context, signers: async () => keys }
  const metadata = await job.step('write indexes', () =>
    publisher.write(signing, packages.root, content.date, inputs ?? []),
  )
  const oldFiles = previous?.files ?? emptyTree('files').digest
  const before = previous === undefined ? [] : await ownMetadataPaths(context, previous)
  const edits = sortedEdits(
    await packageFileEdits(
      rows,
      surroundings(context, previous?.files, packages.root, publisher.places),
      repository.name,
    ),
    metadataEdits(before, metadata),
  )
  const files = await edit(pages, oldFiles, toTreeEdits(edits))
  const record: SnapshotRecord = {
    version: 1,
    repository: repository.name,
    timestamp: nextTimestamp(content.begun, await catalog.lastTimestamp(repository.name)),
    ...publisher.part(
      content.date,
      keys.map(key => key.fingerprint),
    ),
    kind: repository.kind,
    files: files.root,
    packages: packages.root,
    fileCount: await countOf(context.trees, files.root),
    byteCount: (previous?.byteCount ?? 0) + (await byteDifference(context, oldFiles, files.root)),
    packageCount: await countPackages(context.trees, packages.root),
    ...(inputs === undefined
      ? {}
      : { inputs: inputs.map(({ repository, timestamp }) => ({ repository, timestamp })) }),
    settings: content.settings,
  }
  if (repository.policy === 'immediate')
    await job.step('fetch', async () =>
      fetchTree(context, record, await completeTree(context, previous), job),
    )
  const { change } = await job.step('commit', () => commitSnapshot(context, record, previous, rows, job))
  return {
    kind: 'created',
    record,
    change,
    treeCost: {
      newFilePages: files.newPages,
      newFilePageBytes: files.newPageBytes,
      newPackagePages: packages.newPages,
      newPackagePageBytes: packages.newPageBytes,
    },
  }
}
