import { YardError } from '../model/index.ts'
import type { OpenYard, Yard } from '../yard/index.ts'

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
  server?: string
  token?: string
  json?: boolean
}

/**
 * Asks the yard of a server (`--server`, SWITCHYARD_SERVER) or the one in a directory (`--yard` and so on), and closes it
 * whatever happens: the command cannot tell which it is.
 */
export async function withYard<T>(
  cli: Cli,
  options: YardOptions,
  work: (open: { yard: Yard }) => Promise<T>,
): Promise<T> {
  const server =
    options.server ?? (options.yard === undefined ? cli.environment.SWITCHYARD_SERVER : undefined)
  if (server === undefined || server === '') return withOpenYard(cli, options, work)
  if (options.yard !== undefined)
    throw new YardError('usage', 'both --server and --yard are given, and only one yard can be asked')
  const { createRemoteYard } = await import('../wire/index.ts')
  const token = await tokenFor(cli, options)
  if (token !== undefined && isInTheClear(server))
    cli.err('warning: the token goes over the network unencrypted; use https\n')
  const yard = createRemoteYard({ server, token })
  try {
    return await work({ yard })
  } finally {
    await yard.close()
  }
}

function isInTheClear(server: string): boolean {
  const url = URL.canParse(server) ? new URL(server) : undefined
  return url?.protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
}

/** The most bytes that a file with a token may have. */
const maxTokenBytes = 4096

/** Out of a file, or the environment: an argument would show in the list of processes. */
async function tokenFor(cli: Cli, { token }: YardOptions): Promise<string | undefined> {
  if (token === undefined) return cli.environment.SWITCHYARD_TOKEN
  const { readFile, stat } = await import('node:fs/promises')
  const { resolve } = await import('node:path')
  const file = resolve(cli.workingDirectory, token)
  try {
    if ((await stat(file)).size <= maxTokenBytes) return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    // Who gives the token itself instead of a file must not find it in a message.
    throw new YardError('usage', 'the file that --token names cannot be read', {
      hint: '--token FILE names a file that holds the token; SWITCHYARD_TOKEN holds the token itself',
      cause,
    })
  }
  throw new YardError('usage', 'the file that --token names is too large to hold a token')
}

/** Opens the yard that was named (`--yard`, SWITCHYARD_YARD, else `./yard`, or `.` when that is one), and closes it whatever happens. */
export async function withOpenYard<T>(
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
