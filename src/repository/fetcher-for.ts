import type { MirrorConfiguration } from '../config/index.ts'
import type { Fetcher } from '../upstream/index.ts'
import type { RepositoryContext } from './context.ts'
import { readUpstreamMemory } from './records.ts'

/** What fetches a mirror's files: from the configured URLs, and from where upstream said at the last sync that they lie. */
export async function fetcherFor(context: RepositoryContext, mirror: MirrorConfiguration): Promise<Fetcher> {
  const fetcher = await context.fetcher(mirror)
  if (mirror.upstream.format === 'apt') return fetcher
  const memory = await readUpstreamMemory(context.refs, mirror.name)
  const others = [...(memory?.elsewhere ?? []), ...(memory?.bases ?? [])]
  return others.length === 0 ? fetcher : fetcher.at([...mirror.upstream.urls, ...others])
}
