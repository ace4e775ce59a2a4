import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type LockedState, readLockFile, writeLockFile } from '../config/index.ts'
import { type ChannelMove, type ChannelReference, isYardError, messageOf, YardError } from '../model/index.ts'
import { lockedNow, type TrainContext } from '../train/index.ts'
import { writeDurably } from '../trust/index.ts'

export const lockFileName = 'switchyard.lock.yaml'

/** `switchyard.lock.yaml` beside a yard's switchyard.yaml. */
export interface LockFile {
  /** Undefined when there is none. @throws YardError `configuration` with its every mistake. */
  read(): Promise<LockedState | undefined>
  /**
   * Moves channels by `work`, then writes where they stand. Where there is no lock file none is made, and what is asked for
   * over the network never writes into a team's checkout.
   * @param kind a promotion can wait until a file with mistakes is put right; a rollback cannot, nor what people have signed.
   * @param movedBy the channels that it moved.
   * @throws YardError `configuration` before anything is promoted when the file has mistakes; `partial` when a channel was
   *   moved and the file could not be written.
   */
  following<T>(
    kind: ChannelMove['kind'] | 'signature',
    work: () => Promise<T>,
    movedBy: (report: T) => readonly ChannelReference[],
  ): Promise<T>
  /** Makes it say where every channel stands, and makes it where there is none; only broken YAML stops that. */
  write(): Promise<LockReport>
}

export interface LockReport {
  file: string
  outcome: 'written' | 'unchanged'
}

export function createLockFile(context: TrainContext): LockFile {
  const { configuration } = context
  const file = join(dirname(configuration.file), lockFileName)

  async function read(): Promise<LockedState | undefined> {
    const text = await textOf(file)
    return text === undefined ? undefined : readLockFile(file, text, configuration)
  }

  async function replace(stateAfter: () => Promise<LockedState>): Promise<LockReport> {
    return underFileLock(context, file, async () => {
      const next = await stateAfter()
      const before = await textOf(file)
      const text = writeLockFile(file, before, next)
      if (text === before) return { file, outcome: 'unchanged' }
      await writeBeside(configuration.file, file, text)
      return { file, outcome: 'written' }
    })
  }

  return {
    read,
    async following(kind, work, movedBy) {
      if (context.actor.via !== 'command line' || (await textOf(file)) === undefined) return work()
      if (kind === 'promotion') await read()
      const report = await work()
      const moved = movedBy(report)
      if (moved.length > 0)
        await replace(async () => lockedNow(context, await read(), moved)).catch(cause => {
          throw notWritten(file, moved, cause)
        })
      return report
    },
    write: () =>
      replace(async () => {
        const known = await unlessMistaken(read())
        return lockedNow(context, known && { ...known, channels: new Map() })
      }),
  }
}

/** What has mistakes is told anew. */
async function unlessMistaken(reading: Promise<LockedState | undefined>): Promise<LockedState | undefined> {
  return reading.catch(error => {
    if (isYardError(error, 'configuration')) return undefined
    throw error
  })
}

function notWritten(file: string, moved: readonly ChannelReference[], cause: unknown): YardError {
  const names = moved.map(({ train, channel }) => `${train}/${channel}`).join(', ')
  return new YardError(
    'partial',
    `${names} ${moved.length === 1 ? 'was' : 'were'} moved, but ${file} does not say so yet: ${messageOf(cause).split(':\n')[0]}`,
    { hint: 'run `switchyard lock` when that is mended', cause },
  )
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new YardError('configuration', `${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

/** A link into a checkout stays one. A new file may be read by whoever may read the one beside it. */
async function writeBeside(beside: string, file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file)
  const { mode } = await stat(target).catch(() => stat(beside))
  await writeDurably(target, text, mode & 0o777)
}

async function underFileLock<T>({ locks }: TrainContext, file: string, work: () => Promise<T>): Promise<T> {
  const lock = await locks.acquire('.lock-file', waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', `somebody else is writing ${file}; it was left as it is`, {
      hint: 'try again in a moment',
    })
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** Writing it takes a moment. */
const waitMilliseconds = 10_000
