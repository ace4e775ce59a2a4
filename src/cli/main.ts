import { CommanderError } from 'commander'
import { errorCodes, isYardError } from '../model/index.ts'
import type { Cli } from './context.ts'
import { createProgram } from './program.ts'
import { printable } from './text.ts'

/** Runs one command line and sets the exit status; what a command prints goes through `cli`. */
async function main(): Promise<void> {
  const stop = new AbortController()
  const cli: Cli = {
    environment: process.env,
    workingDirectory: process.cwd(),
    out: text => void process.stdout.write(text),
    err: text => void process.stderr.write(text),
    terminal: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    signal: stop.signal,
    setExitStatus: status => {
      process.exitCode = status
    },
  }
  stopAtSignals(stop)
  process.stdout.on('error', error => {
    // The reader of a pipe went away (`switchyard ls | head`): nobody is left to tell.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    await createProgram(cli).parseAsync(process.argv)
  } catch (error) {
    process.exitCode = reportError(cli, error)
  }
}

/** The first signal asks for an orderly end, the second one ends at once. */
function stopAtSignals(stop: AbortController): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(130)
      stop.abort()
    })
}

/** Prints an error for a person and answers the exit status. A bare stack trace is only for who asks for it. */
function reportError(cli: Cli, error: unknown): number {
  if (isYardError(error)) {
    cli.err(
      `switchyard: ${printable(error.message)}\n${error.hint === undefined ? '' : `  ${printable(error.hint)}\n`}`,
    )
    return errorCodes[error.code].exit
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  cli.err(
    `switchyard: a defect: ${error instanceof Error ? printable(error.message) : String(error)}\n  nothing more was done; run it again with SWITCHYARD_TRACE=1 and report what it prints\n`,
  )
  if (cli.environment.SWITCHYARD_TRACE !== undefined && error instanceof Error) cli.err(`${error.stack}\n`)
  return 1
}

// Not awaited: the bundle is CommonJS, which has no top-level await. It ends by itself, errors included.
void main()
