import { type MetalinkFile, parseMetalink, parseMirrorlist } from '../../formats/index.ts'
import { YardError } from '../../model/index.ts'
import type { Fetcher } from '../fetcher.ts'

/** A list of mirrors as an upstream gives it today. */
export interface MirrorList {
  /** Base URLs, above `repodata/`, best first. */
  urls: string[]
  /** What the metalink says of repomd.xml. */
  metalink: MetalinkFile | undefined
}

/** A list of every mirror in the world is below 1 MiB. */
const maxListBytes = 8 * 1024 * 1024

/**
 * Reads a mirrorlist or a metalink.
 * @throws YardError `invalid` for a malformed one, `not-found` when it is gone, `unavailable` when it names no mirror or nobody answers.
 */
export async function readMirrors(
  fetcher: Fetcher,
  { kind, url }: { kind: 'mirrorlist' | 'metalink'; url: string },
  { object, signal }: { object: string; signal: AbortSignal },
): Promise<MirrorList> {
  const answer = await fetcher.page(url, { maxBytes: maxListBytes, signal })
  if (answer.kind !== 'document')
    throw new YardError('not-found', `${object}: there is no ${kind} at its URL; nothing was changed`, {
      hint: 'check the URL, and the repository and architecture in it',
    })
  const where = `${object}: its ${kind}`
  const metalink = kind === 'metalink' ? repomdOf(answer.bytes, where) : undefined
  const urls = metalink === undefined ? parseMirrorlist(answer.bytes, where) : basesOf(metalink)
  if (urls.length === 0)
    throw new YardError(
      'unavailable',
      `${where} names no mirror; nothing was changed, the last snapshot is still served`,
    )
  return { urls: [...new Set(urls.map(each => each.replace(/\/+$/, '')))], metalink }
}

function repomdOf(bytes: Buffer, where: string): MetalinkFile {
  const file = parseMetalink(bytes, where).find(({ name }) => name === 'repomd.xml')
  if (file !== undefined) return file
  throw new YardError('invalid', `${where} names no repomd.xml; nothing was changed`, {
    hint: 'check the URL: it is a metalink of something else',
  })
}

/** A metalink names repomd.xml itself; the repository lies above its directory. */
function basesOf({ urls }: MetalinkFile): string[] {
  return urls.flatMap(({ url }) => {
    const base = url.replace(/\/repodata\/repomd\.xml$/, '')
    return base === url ? [] : [base]
  })
}
