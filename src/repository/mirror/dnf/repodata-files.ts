import { type ByteString, type Digest, type FileEntry, YardError } from '../../../model/index.ts'
import { type Fetcher, joinPath, type RepodataReading } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { pathOfHref } from '../../rpm-listings.ts'
import { bringUnnamed } from './bring-unnamed.ts'
import { openOf, type StoredDocument } from './primary-fragments.ts'

/** A file that repomd.xml names, by the SHA-256 and size that it turned out to have. */
export interface RepodataFile extends FileEntry {
  /** `primary`, `filelists`, `updateinfo`, ... as repomd.xml says. */
  type: ByteString
  /** Within the files tree. */
  path: ByteString
  open: StoredDocument['open']
}

/**
 * The files that a repomd.xml names. One that it names by something else than a SHA-256 and a size is fetched now, to
 * learn them.
 * @throws YardError `untrusted` for a weak checksum where nothing else vouches; whatever fetching throws.
 */
export async function repodataFiles(
  context: RepositoryContext,
  fetcher: Fetcher,
  { repomd, directory, mirror, trust }: RepodataReading,
  object: string,
  signal: AbortSignal,
): Promise<RepodataFile[]> {
  const files: RepodataFile[] = []
  for (const data of repomd.files) {
    const path = joinPath(directory, pathOfHref(data.href))
    const { checksum } = data
    if (checksum === undefined)
      throw new YardError(
        'invalid',
        `${object}: repomd.xml names ${path} without a checksum; nothing was read`,
      )
    const named =
      checksum.algorithm === 'sha256' && data.size !== undefined
        ? { sha256: checksum.hex as Digest, size: data.size }
        : await bringUnnamed(
            context,
            fetcher,
            {
              path,
              checksum,
              size: data.size,
              isTrustedWithout: trust.kind === 'trusted' || trust.kind === 'packages',
            },
            { object, mirror, signal },
          )
    files.push({ type: data.type, path, ...named, open: openOf(data) })
  }
  const seen = new Map<ByteString, Digest>()
  for (const { path, sha256 } of files) {
    if ((seen.get(path) ?? sha256) !== sha256)
      throw new YardError('invalid', `${object}: repomd.xml names ${path} twice with different bytes`)
    seen.set(path, sha256)
  }
  return files
}

/**
 * Fetches the files that a repomd.xml names, first from the mirror that it came from. With either policy: upstream deletes them when
 * it publishes the next ones, and without them a snapshot is of no use to anybody.
 * @throws YardError as fetching does, for the first file that no mirror gives.
 */
export async function fetchRepodata(
  context: RepositoryContext,
  fetcher: Fetcher,
  files: RepodataFile[],
  { mirror, signal }: { mirror: string; signal: AbortSignal },
): Promise<void> {
  const requests = files.map(({ path, sha256, size }) => ({ paths: [path], digest: sha256, size }))
  let failures = await fetcher.blobs(requests, context.blobs, { mirror, signal })
  if (fetcher.mirrors.length > 1 && failures.length > 0)
    failures = await fetcher.blobs(
      failures.map(({ request }) => request),
      context.blobs,
      { signal },
    )
  if (failures.length > 0) throw failures[0]!.error
}
