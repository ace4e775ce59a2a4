import { YardError } from '../../model/index.ts'

/**
 * What the operating system refused, in the yard's words: a full disk or quota is `no-space`, everything else that
 * carries an errno is `unavailable`. Errors that are no system errors come back as they are.
 */
export function diskError(error: unknown, doing: string, directory: string): unknown {
  const code = errnoOf(error)
  if (code === undefined) return error
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new YardError(
      'no-space',
      `${doing}: ${fullness[code]} ${directory}; what was there before is untouched`,
      {
        hint: 'free or add space, for example with switchyard gc, and run the same command again: it goes on where it stopped',
        cause: error,
      },
    )
  const reason = reasons[code] ?? (error as Error).message
  return new YardError(
    'unavailable',
    `${doing}: ${reason} (${code}) in ${directory}; what was there before is untouched`,
    {
      hint: 'check the owner, the permissions and the disk of the yard directory',
      cause: error,
    },
  )
}

/** `ENOENT` and its like; undefined for anything that is no system error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Runs `work`; a system error becomes the YardError that says what was being done. */
export async function onDisk<T>(doing: string, directory: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskError(error, doing, directory)
  }
}

/** The same for what comes piece by piece. */
export async function* eachOnDisk<T>(
  doing: string,
  directory: string,
  items: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items
  } catch (error) {
    throw diskError(error, doing, directory)
  }
}

const fullness = { ENOSPC: 'no space is left on the disk of', EDQUOT: 'the disk quota is used up in' }

const reasons: { [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  EMFILE: 'this process has too many open files',
  ENFILE: 'the machine has too many open files',
}
