import type { Job } from '../../jobs/index.ts'
import { type ErrorCode, type FileEntry, isYardError, messageOf, YardError } from '../../model/index.ts'
import type { Entry } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { refusedKind } from './deb.ts'
import type { OfferedFile } from './offered-file.ts'
import { receiveJudged } from './receive-judged.ts'
import type { ReadPackage, UploadFormat } from './upload-format.ts'

/** A file that is in the store now, and what it is. */
export interface AcceptedFile {
  /** As it was named. */
  name: string
  file: FileEntry
  package: ReadPackage
  entries: Entry[]
}

/** A file that does not come in, and why. */
export interface RefusedFile {
  name: string
  code: ErrorCode
  message: string
  hint?: string
}

/** More at once only wait for each other: for the disk, and for the one thread that hashes. */
const atOnce = 8

/**
 * Reads, judges and keeps files, several at once. Every one is looked at, whatever became of those before it. Results come
 * in the order of `files`.
 * @throws YardError `cancelled`; what the store throws.
 */
export async function readOffered(
  context: RepositoryContext,
  format: UploadFormat,
  files: readonly OfferedFile[],
  job: Job,
): Promise<(AcceptedFile | RefusedFile)[]> {
  const results: (AcceptedFile | RefusedFile)[] = new Array(files.length)
  let next = 0
  let done = 0
  let bytes = 0
  async function lane(): Promise<void> {
    for (let i = next++; i < files.length; i = next++) {
      const result = await readOne(context, format, files[i]!, job)
      results[i] = result
      if ('file' in result) bytes += result.file.size
      job.progress(++done, files.length, bytes, 0)
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(atOnce, files.length) }, lane))
  for (const result of lanes) if (result.status === 'rejected') throw result.reason
  return results
}

async function readOne(
  context: RepositoryContext,
  format: UploadFormat,
  offered: OfferedFile,
  job: Job,
): Promise<AcceptedFile | RefusedFile> {
  if (job.signal.aborted) throw new YardError('cancelled', 'the upload was cancelled; nothing was changed')
  const { name } = offered
  try {
    await checkSuffix(offered, format.suffix)
    const { file, judged } = await offered.lend(bytes =>
      receiveJudged(context, bytes, bytes => format.read(bytes, name)),
    )
    return { name, file, package: judged, entries: judged.entries(file, judged.path) }
  } catch (error) {
    if (!isYardError(error, 'invalid', 'not-found', 'untrusted', 'refused')) throw error
    return refusal(name, error)
  }
}

export function refusal(name: string, error: YardError): RefusedFile {
  const message = messageOf(error)
  return {
    name,
    code: error.code,
    message: message.startsWith(name) ? message : `${name}: ${message}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }
}

const otherKinds: { [suffix: string]: string } = {
  '.udeb': 'a package for the installer',
  '.dsc': 'a source package',
  '.changes': 'a list of what was built',
  '.buildinfo': 'a record of a build',
  '.ddeb': 'a package of debug symbols',
}

/** What a file is called says nothing of what it is, but tells a slip of the hand. That there is none, or a directory, says more. */
async function checkSuffix({ name, lend }: OfferedFile, wanted: string): Promise<void> {
  const suffix = /\.[a-z]+$/i.exec(name)?.[0].toLowerCase() ?? ''
  if (suffix === wanted) return
  await lend(async bytes => {
    for await (const _ of bytes) break
  })
  const kind = otherKinds[suffix]
  if (kind !== undefined && wanted === '.deb') throw refusedKind(name, kind)
  throw new YardError('refused', `${name} is refused: this repository takes files called *${wanted}`)
}
