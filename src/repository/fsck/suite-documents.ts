import { parseRelease, type Release } from '../../formats/index.ts'
import type { ByteString, FileEntry, SnapshotRecord, SuiteRecord } from '../../model/index.ts'
import { textOf } from '../../trust/index.ts'
import { joinPath } from '../../upstream/index.ts'
import type { RepositoryContext } from '../context.ts'
import { type Candidates, findDocuments, maxReleaseBytes, type ReleaseDocument } from './find-documents.ts'
import { recall } from './recall.ts'

/** The Release files that a suite of a snapshot has, or may have had, by path. */
export interface SuiteDocuments {
  release: Release
  files: Map<ByteString, FileEntry>
}

/**
 * A suite's Release files, as the files tree names them; where it cannot be read, every set that fits among the blobs
 * that are here.
 * @throws YardError `not-found` or `damaged` when a document that the tree names cannot be read.
 */
export async function documentsOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  suite: SuiteRecord,
): Promise<SuiteDocuments[]> {
  const pathOf = (name: string) => joinPath(suite.directory, name)
  const [inline, plain, detached] = await Promise.all([
    recall(context, record.files, pathOf('InRelease')),
    recall(context, record.files, pathOf('Release')),
    recall(context, record.files, pathOf('Release.gpg')),
  ])
  const isOpen = [inline, plain, detached].includes('unknown')
  const here: Candidates = isOpen
    ? await findDocuments(context, record, suite)
    : { inline: [], plain: [], signaturesOf: async () => [] }
  const inlines = await choices(inline, here.inline, entry => read(context, entry))
  const plains = await choices(plain, here.plain, entry => read(context, entry))
  const sets: SuiteDocuments[] = []
  for (const { inRelease, release } of pairs(inlines, plains)) {
    const fitting = detached === 'unknown' && release ? await here.signaturesOf(release) : []
    for (const signature of await choices(detached, fitting, async entry => entry)) {
      const files = new Map<ByteString, FileEntry>()
      if (inRelease !== undefined) files.set(pathOf('InRelease'), inRelease.entry)
      if (release !== undefined) files.set(pathOf('Release'), release.entry)
      if (signature !== undefined) files.set(pathOf('Release.gpg'), signature)
      sets.push({ release: parseRelease((inRelease ?? release)!.text, pathOf('Release')), files })
    }
  }
  return sets
}

/** What may stand at a path: what does, or each of the candidates, or nothing. */
async function choices<T>(
  found: FileEntry | 'absent' | 'unknown',
  candidates: T[],
  known: (entry: FileEntry) => Promise<T>,
): Promise<(T | undefined)[]> {
  if (found === 'absent') return [undefined]
  return found === 'unknown' ? [...candidates, undefined] : [await known(found)]
}

/** InRelease and Release stand side by side only where they say the same. */
function* pairs(inlines: (ReleaseDocument | undefined)[], plains: (ReleaseDocument | undefined)[]) {
  for (const inRelease of inlines)
    for (const release of plains) {
      const isNone = inRelease === undefined && release === undefined
      const differ = inRelease !== undefined && release !== undefined && !inRelease.text.equals(release.text)
      if (!isNone && !differ) yield { inRelease, release }
    }
}

async function read(context: RepositoryContext, entry: FileEntry): Promise<ReleaseDocument> {
  const bytes = await context.blobs.read(entry.sha256, maxReleaseBytes)
  return { entry, text: textOf(bytes, entry.sha256) }
}
