import { type Name, YardError } from '../model/index.ts'
import { collectLock, collectWaitMilliseconds } from '../repository/index.ts'
import type { TrainContext } from './context.ts'

/** The dot keeps it apart from repositories' locks. */
export function trainLock(train: Name): string {
  return `.train.${train}`
}

/** Releases and channels of one train change one at a time, over all processes. */
export async function underTrainLock<T>(
  context: TrainContext,
  train: Name,
  work: () => Promise<T>,
): Promise<T> {
  // Opening the catalog may want the lock; and a log that cannot be written is known before anything is done.
  await context.catalog()
  const lock = await context.locks.acquire(trainLock(train), waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', `somebody else is changing the train ${train}; nothing was changed`, {
      hint: 'look at what they did, then try again',
    })
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** Nothing is collected or removed while `work` writes what names it. `subject` is for the message. */
export async function underStoreLock<T>(
  context: TrainContext,
  subject: string,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await context.locks.acquire(collectLock, collectWaitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', `${subject}: a garbage collection holds the store; nothing was changed`, {
      hint: 'try again when it has ended',
    })
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** A move takes a moment. */
const waitMilliseconds = 10_000
