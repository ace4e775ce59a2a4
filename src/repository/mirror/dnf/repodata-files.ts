import type { RepomdFile } from '../../../formats/index.ts'
import { type ByteString, type Digest, type FileEntry, YardError } from '../../../model/index.ts'
import { type Fetcher, joinPath, type RepodataReading } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { pathOfHref } from '../../rpm-listings.ts'
import { bringUnnamed } from './bring-unnamed.ts'
import type { StoredDocument } from './primary-fragments.ts'

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
    const path = pathOf(directory, data)
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

function pathOf(directory: ByteString, { href }: RepomdFile): ByteString {
  return joinPath(directory, pathOfHref(href))
}

function openOf({ openChecksum, openSize }: RepomdFile): StoredDocument['open'] {
  return {
    digest: openChecksum?.algorithm === 'sha256' ? (openChecksum.hex as Digest) : undefined,
    size: openSize,
  }
}

/** Kinds that are read at every sync; the rest of an on-demand mirror waits for its first request. */
const readAtOnce = /^(?:primary|updateinfo|modules|group|group_gz|group_xz|group_zst)$/

/** Fetches what has to be here now: everything with `immediate`, else what our own verbs read. */
export async function fetchRepodata(
  context: RepositoryContext,
  fetcher: Fetcher,
  files: RepodataFile[],
  { immediate, mirror, signal }: { immediate: boolean; mirror: string; signal: AbortSignal },
): Promise<void> {
  const wanted = files.filter(({ type }) => immediate || readAtOnce.test(type))
  const requests = wanted.map(({ path, sha256, size }) => ({ paths: [path], digest: sha256, size }))
  const [failure] = await fetcher.blobs(requests, context.blobs, { mirror, signal })
  if (failure !== undefined) throw failure.error
}
