import type { ByteString } from '../../model/index.ts'
import { decompress } from '../archive/decompress.ts'
import type { TarEntry } from '../archive/tar.ts'
import { readPackageFile, relativePath } from './package-file.ts'

/** Most bytes of a changelog that are read; the newest entries come first. */
const maxChangelogBytes = 4 * 1024 * 1024

/**
 * The text of a package's Debian changelog (Debian Policy 12.7): `changelog.Debian.gz`, or `changelog.gz` of a native package, in its
 * `/usr/share/doc` directory. At most the first 4 MiB. The package's md5sums tell beforehand whether it has one, and reading stops when it is found.
 * Undefined when the package has none of its own: the directory or the file is a link, or there is none.
 * @throws YardError `invalid` as `readPackageFile` for what was read of the package.
 */
export async function readChangelog(
  bytes: AsyncIterable<Uint8Array>,
  packageName: ByteString,
): Promise<Buffer | undefined> {
  const object = `package ${packageName}`
  let candidates = candidatePaths(packageName)
  let best: { rank: number; text: Buffer } | undefined
  let listRead = false
  await readPackageFile(bytes, object, {
    entry: async (entry, { md5sums }) => {
      if (!listRead) candidates = md5sums === undefined ? candidates : firstListed(candidates, md5sums)
      listRead = true
      if (candidates.length === 0) return 'stop'
      const rank = candidates.indexOf(relativePath(entry.path))
      if (rank === -1 || entry.type !== 'file' || (best !== undefined && best.rank <= rank)) return undefined
      best = { rank, text: await readText(entry, object) }
      return rank === 0 ? 'stop' : undefined
    },
  })
  return best?.text
}

/** Best first. Policy wants it compressed; some packages made by hand have it plain. */
function candidatePaths(packageName: ByteString): ByteString[] {
  const directory = `usr/share/doc/${packageName}`
  return ['changelog.Debian.gz', 'changelog.Debian', 'changelog.gz', 'changelog'].map(
    name => `${directory}/${name}`,
  )
}

/** The best of the candidates that the list of the package's regular files has, alone. */
function firstListed(candidates: ByteString[], md5sums: Buffer): ByteString[] {
  const listed = candidates.find(path => md5sums.includes(`  ${path}\n`, 0, 'latin1'))
  return listed === undefined ? [] : [listed]
}

async function readText(entry: TarEntry, object: string): Promise<Buffer> {
  const kind = entry.path.endsWith('.gz') ? 'gzip' : 'none'
  const name = `${object} (${entry.path})`
  const chunks: Buffer[] = []
  let left = maxChangelogBytes
  for await (const chunk of decompress(kind, entry.body, {
    maxBytes: Number.MAX_SAFE_INTEGER,
    object: name,
  })) {
    chunks.push(chunk.subarray(0, left))
    left -= chunk.length
    if (left <= 0) break
  }
  return Buffer.concat(chunks)
}
