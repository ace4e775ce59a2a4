import { openAsBlob } from 'node:fs'
import { createHasher, type Digest, isYardError, type Name, YardError } from '../../model/index.ts'
import type { OfferedFile } from '../../repository/index.ts'
import { createOfferer, type UploadReport, type UploadSource, type VerbOptions } from '../../yard/index.ts'
import type { Asker } from './ask.ts'

type Refused = Extract<UploadReport, { outcome: 'refused' }>['refused'][number]

/** Sends the blobs that the server has not, then has it make the snapshot out of them: so nothing is sent twice. */
export async function uploadThrough(
  { ask, send }: Asker,
  repository: Name,
  sources: readonly UploadSource[],
  options: VerbOptions,
): Promise<UploadReport> {
  const files: { file: string; sha256: Digest }[] = []
  const refused: Refused[] = []
  const offer = createOfferer()
  for (const source of sources) {
    checkRunning(options.signal)
    if (typeof source !== 'string') files.push(source)
    else
      await digestOfFile(offer(source)).then(
        sha256 => files.push({ file: source, sha256 }),
        error => refused.push(refusal(source, error)),
      )
  }
  if (refused.length > 0) return { repository, outcome: 'refused', refused }
  const { missing } = await ask('findMissingBlobs', { body: { digests: files.map(({ sha256 }) => sha256) } })
  for (const sha256 of new Set(missing)) {
    const { file } = files.find(file => file.sha256 === sha256)!
    await send('putBlob', { parameters: { sha256 } }, await openAsBlob(file), options)
  }
  return ask('upload', { parameters: { repository }, body: { files, why: options.why } }, options)
}

function checkRunning(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new YardError('cancelled', 'the upload was cancelled; nothing was changed')
}

function digestOfFile({ lend }: OfferedFile): Promise<Digest> {
  return lend(async chunks => {
    const hasher = createHasher()
    for await (const chunk of chunks) hasher.update(chunk)
    return hasher.digest()
  })
}

function refusal(name: string, error: unknown): Refused {
  if (!isYardError(error)) throw error
  const { code, message, hint } = error
  return { name, code, message, ...(hint === undefined ? {} : { hint }) }
}
