import { type Checksum, parseTreeinfo } from '../../formats/index.ts'
import type { ByteString } from '../../model/index.ts'
import type { Fetcher } from '../fetcher.ts'

/** An installation tree (kickstart tree) as a `.treeinfo` at the top of a repository describes it. */
export interface InstallationTree {
  /** The treeinfo files as upstream serves them. */
  documents: { path: ByteString; bytes: Buffer }[]
  /** The files that it proves, but for repodata, which repomd.xml proves. Their sizes are not told. */
  files: { path: ByteString; checksum: Checksum }[]
  /** Directories with repodata of their own, below the top. */
  directories: ByteString[]
  /** Variants that it names outside of the tree. */
  outside: ByteString[]
}

const maxTreeinfoBytes = 4 * 1024 * 1024

/**
 * Reads the treeinfo files of a mirror; undefined where there is none. Nothing signs them.
 * @throws YardError `invalid` for a malformed one; what fetching throws.
 */
export async function readTree(
  fetcher: Fetcher,
  { mirror, object, signal }: { mirror: string; object: string; signal: AbortSignal },
): Promise<InstallationTree | undefined> {
  const answers = await Promise.all(
    ['.treeinfo', 'treeinfo'].map(async path => ({
      path,
      answer: await fetcher.document(path, { maxBytes: maxTreeinfoBytes, mirror, signal }),
    })),
  )
  const documents = answers.flatMap(({ path, answer }) =>
    answer.kind === 'document' ? [{ path, bytes: answer.bytes }] : [],
  )
  const [first] = documents
  if (first === undefined) return undefined
  const { checksums, variants } = parseTreeinfo(first.bytes, `${object}: ${mirror}/${first.path}`)
  const places = variants.map(({ repository }) => repository.replace(/^(?:\.\/)+|\/+$/g, ''))
  const isOutside = (place: ByteString) => /^\/|(?:^|\/)\.\.(?:\/|$)|:\/\//.test(place)
  return {
    documents,
    files: checksums.filter(({ path }) => !/(?:^|\/)repodata\//.test(path)),
    directories: [
      ...new Set(places.filter(place => place !== '' && place !== '.' && !isOutside(place))),
    ].sort(),
    outside: places.filter(isOutside),
  }
}
