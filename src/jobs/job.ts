import { YardError } from '../model/index.ts'
import type { Lock, Locks } from '../store/index.ts'

/** What a running job says about itself. */
export type JobEvent =
  | { kind: 'step'; subject: string; step: string }
  | {
      kind: 'progress'
      subject: string
      step: string
      doneFiles: number
      totalFiles: number
      doneBytes: number
      totalBytes: number
    }
  | { kind: 'warning'; subject: string; message: string; hint?: string }

/** A step that has ended, with its duration. */
export interface StepTiming {
  step: string
  milliseconds: number
}

/** What a verb is handed to run as named, timed, cancellable steps. */
export interface Job {
  readonly signal: AbortSignal
  /** Runs one named step; it is announced, timed, and not begun once the job was cancelled. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  progress(doneFiles: number, totalFiles: number, doneBytes: number, totalBytes: number): void
  warn(message: string, hint?: string): void
  readonly timings: readonly StepTiming[]
}

export interface JobOptions {
  /** What the job is about, and the name of the lock that it holds while it runs: a repository, say. */
  subject: string
  locks: Locks
  /** A lock whose holder may keep the subject's from jobs for a while: it is waited for, and then tried once more. */
  behind?: string | undefined
  /** Milliseconds on a monotonic clock. */
  clock: () => number
  onEvent?: ((event: JobEvent) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Runs a verb under its subject's lock. The lock dies with the process, so a killed job never blocks the next one.
 * @throws YardError `busy` when another job on the same subject runs; `cancelled` when the signal fired between steps.
 */
export async function runJob<T>(options: JobOptions, verb: (job: Job) => Promise<T>): Promise<T> {
  const lock = (await options.locks.acquire(options.subject)) ?? (await acquireBehind(options))
  if (lock === undefined)
    throw new YardError('busy', `${options.subject}: another job is running on it; nothing was changed`, {
      hint: 'wait until it has ended, then try again',
    })
  try {
    return await verb(createJob(options))
  } finally {
    lock.release()
  }
}

/** The longest that a garbage collection, say, is waited for, in milliseconds. */
const behindMilliseconds = 600_000

async function acquireBehind({ locks, subject, behind }: JobOptions): Promise<Lock | undefined> {
  if (behind === undefined) return undefined
  const other = await locks.acquire(behind, behindMilliseconds)
  other?.release()
  return locks.acquire(subject)
}

function createJob(options: JobOptions): Job {
  const { subject, clock, onEvent } = options
  const signal = options.signal ?? new AbortController().signal
  const timings: StepTiming[] = []
  let current = ''
  return {
    signal,
    timings,
    async step(name, work) {
      if (signal.aborted)
        throw new YardError(
          'cancelled',
          `${subject}: cancelled before "${name}"; what was served before is still served`,
        )
      current = name
      onEvent?.({ kind: 'step', subject, step: name })
      const begun = clock()
      try {
        return await work()
      } finally {
        timings.push({ step: name, milliseconds: clock() - begun })
      }
    },
    progress: (doneFiles, totalFiles, doneBytes, totalBytes) =>
      onEvent?.({ kind: 'progress', subject, step: current, doneFiles, totalFiles, doneBytes, totalBytes }),
    warn: (message, hint) =>
      onEvent?.({ kind: 'warning', subject, message, ...(hint === undefined ? {} : { hint }) }),
  }
}
