import { isYardError, messageOf, YardError } from '../model/index.ts'
import { boundedOutput } from '../sandbox/index.ts'
import type { Gate, GateSubject, Judgement } from './gates/gate.ts'

/** What a gate said, and what it wrote meanwhile. */
export interface GateRun {
  judgement: Judgement
  /** Its beginning and its end, where it wrote more than 1 MiB. */
  log: string
  milliseconds: number
}

const defaultLimitSeconds = 600
/** Whoever is told to stop has so long, in milliseconds, to put away what he began. */
const graceMilliseconds = 10_000
const logBytes = 1024 * 1024

/**
 * Has one gate judge, for no longer than it may. Whatever goes wrong in it is its verdict: one that throws, or comes to no
 * end, did not pass, and says why.
 * @throws YardError `cancelled` when `signal` fires.
 */
export async function judgeGate<T>(
  gate: Gate<T>,
  options: T,
  subject: Omit<GateSubject, 'log' | 'signal'>,
  signal?: AbortSignal,
): Promise<GateRun> {
  const { clock, sleep } = subject.context
  const begun = clock()
  const log = boundedOutput(logBytes)
  const stop = new AbortController()
  const judged = judgeSafely(gate, options, {
    ...subject,
    log: line => log.append(Buffer.from(`${line}\n`)),
    signal: stop.signal,
  })
  const limitSeconds = gate.limitSeconds?.(options) ?? defaultLimitSeconds
  const over = new AbortController()
  // Ends with the time, or early when the caller goes or nobody waits any more.
  const waited = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])])
  try {
    const first = await Promise.race([judged, sleep(limitSeconds * 1000, waited).catch(() => undefined)])
    if (signal?.aborted !== true && first !== undefined) return runOf(first)
    stop.abort()
    await Promise.race([judged, sleep(graceMilliseconds, over.signal).catch(() => undefined)])
    if (signal?.aborted === true)
      throw new YardError('cancelled', `the gate ${gate.name} was stopped; nothing was moved`)
    return runOf(tooLong(limitSeconds))
  } finally {
    over.abort()
    stop.abort()
  }

  function runOf(judgement: Judgement): GateRun {
    return { judgement, log: textOf(log), milliseconds: clock() - begun }
  }
}

async function judgeSafely<T>(gate: Gate<T>, options: T, subject: GateSubject): Promise<Judgement> {
  try {
    return await gate.judge(subject, options)
  } catch (error) {
    if (isYardError(error)) {
      const remedy = error.hint === undefined ? {} : { remedy: error.hint }
      return { passed: false, summary: error.message, findings: [], ...remedy }
    }
    subject.log(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return { passed: false, summary: `it crashed: ${messageOf(error)}`, findings: [] }
  }
}

function textOf(log: ReturnType<typeof boundedOutput>): string {
  const { head, tail, leftOut } = log.result()
  const gap = leftOut === 0 ? '' : `\n[... ${leftOut} bytes left out ...]\n`
  return Buffer.concat([head, Buffer.from(gap), tail]).toString('utf8')
}

function tooLong(seconds: number): Judgement {
  return {
    passed: false,
    summary: `it came to no verdict within ${seconds} s and was stopped`,
    findings: [],
    remedy: 'find out with `switchyard gate --show` what it waited for',
  }
}
