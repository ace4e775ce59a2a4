import type { FileEntry } from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { createPassage } from './passage.ts'

/**
 * Keeps a file in the store while somebody reads the same bytes to judge them: they are read once, and a file that is
 * judged bad leaves nothing.
 * @throws what `judge` throws; what reading or keeping throws.
 */
export async function receiveJudged<T>(
  context: Pick<RepositoryContext, 'blobs'>,
  bytes: AsyncIterable<Uint8Array>,
  judge: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<{ file: FileEntry; judged: T }> {
  const passage = createPassage()
  const verdict = judge(passage.reader).finally(passage.close)
  let isBad = false
  verdict.catch(() => {
    isBad = true
  })
  async function* shared(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of bytes) {
        await passage.pass(chunk)
        if (isBad) break
        yield chunk
      }
      passage.end()
      await verdict
    } catch (error) {
      passage.end(error)
      throw error
    } finally {
      passage.end(new Error('the file could not be kept'))
    }
  }
  const { digest, size } = await context.blobs.receive(shared())
  return { file: { sha256: digest, size }, judged: await verdict }
}
