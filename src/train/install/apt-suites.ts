import { type Content, createContent } from '../../repository/index.ts'
import { isFlat, joinPath } from '../../upstream/index.ts'
import type { TrainContext } from '../context.ts'
import type { AptSuite } from './apt-texts.ts'
import type { AptSource } from './client-sources.ts'

/** The suites of repositories as apt is pointed at them; `keyringOf` says where it finds the keys of one. */
export async function suitesOf(
  context: TrainContext,
  sources: readonly AptSource[],
  keyringOf: (source: AptSource) => string,
): Promise<AptSuite[]> {
  const content = createContent(context)
  const suites = sources.map(source =>
    Promise.all(
      source.record.suites.map(async suite => ({
        suite: isFlat(suite.suite) ? { ...suite, components: [] } : suite,
        url: source.url,
        keyring: source.keys === undefined ? undefined : keyringOf(source),
        notAutomatic: await isNotAutomatic(context, content, source, suite.directory),
      })),
    ),
  )
  return (await Promise.all(suites)).flat()
}

/** Fields stand before digests; nobody writes more of them. */
const headBytes = 65_536

async function isNotAutomatic(
  context: TrainContext,
  content: Content,
  { name, view }: AptSource,
  directory: string,
): Promise<boolean> {
  for (const file of ['InRelease', 'Release']) {
    const found = await content.resolve(name, view, joinPath(directory, file))
    if (found?.kind !== 'file') continue
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of context.blobs.open(found.entry.sha256)) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= headBytes) break
    }
    return /^NotAutomatic: *yes *$/im.test(Buffer.concat(chunks).toString('latin1'))
  }
  return false
}
