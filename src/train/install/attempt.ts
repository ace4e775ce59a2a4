import { YardError } from '../../model/index.ts'
import type { ProgramRequest, ProgramResult } from '../../sandbox/index.ts'
import type { GateSubject } from '../gates/gate.ts'
import { errorLines } from './error-lines.ts'

/** How one program went. */
export interface Attempt {
  output: string
  /** What went wrong, one line each; nothing: it worked. */
  faults: string[]
}

export type Limits = Pick<ProgramRequest, 'timeLimit' | 'outputLimit' | 'signal'>

/** Runs programs on behalf of a gate. */
export type Attempts = (title: string, run: (limits: Limits) => Promise<ProgramResult>) => Promise<Attempt>

/** Of each program; what it writes beyond is left out in the middle. */
const outputLimit = 128 * 1024

/**
 * Attempts share the gate's time, and leave in its log what they did, wrote and came to.
 * @throws YardError `cancelled` out of an attempt when nobody waits for the gate any more.
 */
export function attemptsOf({ context, log, signal }: GateSubject, timeoutSeconds: number): Attempts {
  const end = context.clock() + timeoutSeconds * 1000
  return async (title, run) => {
    const timeLimit = Math.max(0.001, (end - context.clock()) / 1000)
    log(`$ ${title}`)
    const result = await run({ timeLimit, outputLimit, signal })
    for (const line of result.output.split('\n')) if (line !== '') log(line)
    if (result.ended === 'cancelled')
      throw new YardError('cancelled', `${title} was stopped: nobody waits for it any more`)
    const faults = faultsOf(result, timeoutSeconds)
    log(`= ${faults.length === 0 ? 'done' : 'failed'} in ${(result.milliseconds / 1000).toFixed(1)} s`)
    return { output: result.output, faults }
  }
}

function faultsOf({ ended, status, signal, output }: ProgramResult, timeoutSeconds: number): string[] {
  if (ended === 'timed-out')
    return [`it had not ended when the gate's ${timeoutSeconds} s (\`timeout\`) were over`]
  if (status === 0) return []
  const lines = errorLines(output)
  return lines.length > 0
    ? lines
    : [status === undefined ? `it was ended by ${signal}` : `it ended with status ${status}`]
}
