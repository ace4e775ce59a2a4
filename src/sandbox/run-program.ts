import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, YardError } from '../model/index.ts'
import { boundedOutput } from './bounded-output.ts'
import { findProgram, systemPath } from './find-program.ts'

export interface ProgramRequest {
  /** A file, or a name that is looked up in the environment's PATH. */
  command: string
  args?: readonly string[]
  /** For its standard input, which is empty otherwise. */
  input?: string | Uint8Array
  /** All that it gets: nothing of ours. */
  environment?: NodeJS.ProcessEnv
  /** Default: `/`. */
  cwd?: string
  /** In seconds; then it is told to end, and a little later killed, with everything that it started. */
  timeLimit: number
  /** In bytes: of what it writes to standard output and error, head and tail are kept up to this. */
  outputLimit: number
  /** In bytes, of each of its processes: heap and other private writable memory (RLIMIT_DATA). Default: none. */
  memoryLimit?: number
  signal?: AbortSignal | undefined
}

export interface ProgramResult {
  /** By itself, or because its time was over or nobody waits for it any more. */
  ended: 'exited' | 'timed-out' | 'cancelled'
  /** Undefined when a signal ended it. */
  status: number | undefined
  signal: NodeJS.Signals | undefined
  /** Standard output and error as they came, UTF-8; where something was left out, a line says how much. */
  output: string
  /** Bytes that were left out. */
  truncated: number
  milliseconds: number
}

/** Between being told to end and being killed, in milliseconds. */
const graceMilliseconds = 2000
/** How long a process that left the group may hold the output open when the program itself has ended. */
const lingerMilliseconds = 200
const longestTimer = 2 ** 31 - 1

/**
 * Runs a program, never a shell, in a process group of its own, and waits for its end. When it has ended, whatever is left
 * of its group is killed. How it ended is for the caller to judge: no status is an error here.
 * @throws YardError `unavailable` when it cannot be started.
 */
export async function runProgram(request: ProgramRequest): Promise<ProgramResult> {
  const begun = performance.now()
  const child = await start(request)
  const output = boundedOutput(request.outputLimit)
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', chunk => output.append(chunk))
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = stopper(child, request)
  const exit = await exitOf(child)
  stop.done()
  killGroup(child, 'SIGKILL')
  await Promise.race([closed, delay(lingerMilliseconds, undefined, { ref: false })])
  child.stdout!.destroy()
  child.stderr!.destroy()
  const { head, tail, leftOut } = output.result()
  const gap = leftOut === 0 ? '' : `\n[... ${leftOut} bytes left out ...]\n`
  return {
    ended: stop.reason() ?? 'exited',
    ...exit,
    output: `${head}${gap}${tail}`,
    truncated: leftOut,
    milliseconds: performance.now() - begun,
  }
}

async function start(request: ProgramRequest): Promise<ChildProcess> {
  const { command, args = [], input, environment = { PATH: systemPath }, cwd = '/' } = request
  const file = await findProgram(command, { path: environment.PATH, cwd })
  if (file === undefined) throw cannotRun(command, 'there is no such program')
  const [first, ...others] = [...(await limits(request)), file, ...args]
  const child = spawn(first!, others, { cwd, env: environment, detached: true, stdio: 'pipe' })
  // A program need not read what it is given.
  child.stdin.on('error', () => undefined).end(input ?? '')
  if (child.pid !== undefined) return child
  const [error] = await new Promise<[Error]>(resolve => child.once('error', (...all) => resolve(all)))
  throw cannotRun(command, messageOf(error))
}

async function limits({ command, memoryLimit }: ProgramRequest): Promise<string[]> {
  if (memoryLimit === undefined) return []
  const prlimit = await findProgram('prlimit')
  if (prlimit === undefined)
    throw cannotRun(command, 'its memory cannot be limited: prlimit of util-linux is missing')
  return [prlimit, `--data=${memoryLimit}`, '--']
}

function cannotRun(command: string, why: string): YardError {
  return new YardError('unavailable', `cannot run ${command}: ${why}`, {
    hint: 'install it, or name it by its whole path',
  })
}

function exitOf(child: ChildProcess): Promise<Pick<ProgramResult, 'status' | 'signal'>> {
  return new Promise(resolve =>
    child.once('exit', (status, signal) =>
      resolve({ status: status ?? undefined, signal: signal ?? undefined }),
    ),
  )
}

/** Ends the program when its time is over or the caller has gone. */
function stopper(child: ChildProcess, { timeLimit, signal }: ProgramRequest) {
  let reason: 'timed-out' | 'cancelled' | undefined
  let kill: NodeJS.Timeout | undefined
  const stop = (why: NonNullable<typeof reason>) => {
    if (reason !== undefined) return
    reason = why
    killGroup(child, 'SIGTERM')
    kill = setTimeout(() => killGroup(child, 'SIGKILL'), graceMilliseconds)
  }
  const cancel = () => stop('cancelled')
  const timer = setTimeout(() => stop('timed-out'), Math.min(timeLimit * 1000, longestTimer))
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted === true) cancel()
  return {
    reason: () => reason,
    done() {
      clearTimeout(timer)
      clearTimeout(kill)
      signal?.removeEventListener('abort', cancel)
    },
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid!, signal)
  } catch {
    // Nothing is left of it.
  }
}
