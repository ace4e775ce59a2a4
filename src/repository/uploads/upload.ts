import type { UploadsConfiguration } from '../../config/index.ts'
import type { Job } from '../../jobs/index.ts'
import type { ByteString, Digest, SnapshotRecord, Timestamp } from '../../model/index.ts'
import { edit, emptyTree } from '../../tree/index.ts'
import { publisherOf } from '../compose/publisher-of.ts'
import { settingsOf } from '../compose/settings.ts'
import type { RepositoryContext } from '../context.ts'
import type { ChangeCount } from '../package-changes.ts'
import { pagesFor } from '../pages-for.ts'
import { readNewest } from '../records.ts'
import { sortOut } from './find-conflicts.ts'
import type { OfferedFile } from './offered-file.ts'
import { publishUploads } from './publish-uploads.ts'
import { type AcceptedFile, type RefusedFile, readOffered } from './read-offered.ts'
import { uploadFormatOf } from './upload-format.ts'
import { inOrder, uploadedTree } from './uploaded-tree.ts'

/** A package that was uploaded. */
export interface UploadedFile {
  /** As it was named. */
  file: string
  name: ByteString
  version: ByteString
  architecture: ByteString
  /** Within the repository. */
  path: ByteString
  sha256: Digest
  /** In bytes. */
  size: number
  /** Whether it is new, or was there already with these bytes. */
  state: 'added' | 'there'
}

/** What became of an upload: all of its files are in the snapshot, or, where one is refused, none. */
export type Uploaded =
  | { kind: 'created'; record: SnapshotRecord; change: ChangeCount; files: UploadedFile[] }
  | { kind: 'unchanged'; snapshot: Timestamp; files: UploadedFile[] }
  | { kind: 'refused'; snapshot: Timestamp | undefined; refused: RefusedFile[] }

/**
 * Puts package files into a repository of uploads: its next snapshot has all of them beside what was there. Every file is
 * judged before anything changes, and every refused one is told.
 * @throws YardError `refused` when an identity that clients hold on to would change; what the store throws. Nothing is
 *   changed then.
 */
export async function uploadFiles(
  context: RepositoryContext,
  repository: UploadsConfiguration,
  files: readonly OfferedFile[],
  job: Job,
): Promise<Uploaded> {
  const begun = context.now()
  // What a crash left undone is finished when the catalog is opened: only then is it known which snapshot is the newest.
  await context.catalog()
  const previous = await readNewest(context.refs, repository.name)
  publisherOf(repository).checkIdentity(previous)
  const settings = await settingsOf(context, repository)
  const before = await uploadedTree(context, repository, previous, settings)
  const read = await job.step('read files', () =>
    readOffered(context, uploadFormatOf(context, repository), files, job),
  )
  const ground = {
    repository: repository.name,
    packages: before.root,
    files: previous?.files ?? emptyTree('files').digest,
  }
  const sorted = await sortOut(context, ground, read.filter(isAccepted))
  const refused = [...read.filter(isRefused), ...sorted.refused]
  if (refused.length > 0) return { kind: 'refused', snapshot: previous?.timestamp, refused }
  const told = toldOf(read.filter(isAccepted), new Set(sorted.fresh))
  if (sorted.fresh.length === 0 && previous?.settings === settings)
    return { kind: 'unchanged', snapshot: previous.timestamp, files: told }
  const entries = inOrder(sorted.fresh.flatMap(({ entries }) => entries))
  const added = await edit(pagesFor(context, previous), before.root, entries)
  const packages = {
    ...added,
    newPages: before.newPages + added.newPages,
    newPageBytes: before.newPageBytes + added.newPageBytes,
  }
  const made = await publishUploads(context, repository, { packages, previous, begun, settings }, job)
  return { kind: 'created', record: made.record, change: made.change, files: told }
}

function isAccepted(result: AcceptedFile | RefusedFile): result is AcceptedFile {
  return 'package' in result
}

function isRefused(result: AcceptedFile | RefusedFile): result is RefusedFile {
  return !isAccepted(result)
}

function toldOf(accepted: AcceptedFile[], fresh: ReadonlySet<AcceptedFile>): UploadedFile[] {
  return accepted.map(one => {
    const { name, version, architecture, path } = one.package
    const state = fresh.has(one) ? 'added' : 'there'
    return { file: one.name, name, version, architecture, path, ...one.file, state }
  })
}
