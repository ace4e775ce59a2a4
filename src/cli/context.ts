import type { OpenYard } from '../yard/index.ts'

/** What a command is handed: the world outside, and nothing of it global. */
export interface Cli {
  environment: NodeJS.ProcessEnv
  workingDirectory: string
  /** Results. */
  out(text: string): void
  /** Progress, warnings and errors. */
  err(text: string): void
  /** True when `err` is a terminal, so that a line may be drawn over. */
  terminal: boolean
  /** Columns of that terminal. */
  columns: number
  /** Fires at the first Ctrl-C or SIGTERM. */
  signal: AbortSignal
  setExitStatus(status: number): void
}

/** Options that every command on a yard has. */
export interface YardOptions {
  yard?: string
  json?: boolean
}

/** Opens the yard that was named (`--yard`, SWITCHYARD_YARD, else `./yard`, or `.` when that is one), and closes it whatever happens. */
export async function withYard<T>(
  cli: Cli,
  options: YardOptions,
  work: (open: OpenYard) => Promise<T>,
): Promise<T> {
  const { openYard } = await import('../yard/index.ts')
  const open = await openYard(await yardDirectory(cli, options), {
    environment: cli.environment,
    serveContent: async open => (await import('../server/index.ts')).serveContent(open),
  })
  try {
    return await work(open)
  } finally {
    await open.close()
  }
}

export async function yardDirectory(cli: Cli, options: YardOptions): Promise<string> {
  const { existsSync } = await import('node:fs')
  const { join, resolve } = await import('node:path')
  const named = options.yard ?? cli.environment.SWITCHYARD_YARD
  if (named !== undefined) return resolve(cli.workingDirectory, named)
  const here = existsSync(join(cli.workingDirectory, 'switchyard.yaml'))
  return here ? cli.workingDirectory : join(cli.workingDirectory, 'yard')
}

/** Prints a value as one line of JSON. */
export function printJson(cli: Cli, value: unknown): void {
  cli.out(`${JSON.stringify(value)}\n`)
}
