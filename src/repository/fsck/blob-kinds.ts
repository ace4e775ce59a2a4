import type { FileEntry } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'

/** How a blob begins, as a byte string: enough to tell what kind of document it may be. */
export async function beginningOf(
  context: RepositoryContext,
  { sha256, size }: FileEntry,
  bytes: number,
): Promise<string> {
  let text = ''
  const range = { start: 0, end: Math.min(bytes, size) }
  for await (const chunk of context.blobs.open(sha256, range)) text += Buffer.from(chunk).toString('latin1')
  return text
}
