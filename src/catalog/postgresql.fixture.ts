import { execFile, execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const binaries = '/usr/lib/postgresql/15/bin'

/** A place for the server of one test run. Nothing is started yet: most runs never ask for it. */
export function preparePostgresql(): { directory: string; stop: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'postgresql-'))
  return { directory, stop: () => stopServer(directory) }
}

function stopServer(directory: string): void {
  if (existsSync(join(directory, 'data/postmaster.pid'))) {
    const [program, parameters] = command('pg_ctl', [
      '-D',
      join(directory, 'data'),
      '-m',
      'immediate',
      'stop',
    ])
    execFileSync(program, parameters, { stdio: 'ignore', cwd: '/' })
  }
  rmSync(directory, { recursive: true, force: true })
}

/**
 * The URL (a Unix socket, user `postgres`, its database `postgres`) of this run's server, started by whichever test
 * file asks first. Fails, and does not skip, where PostgreSQL is not installed.
 */
export async function postgresqlUrl(directory: string): Promise<string> {
  const outcome = join(directory, 'outcome')
  if (claim(directory)) writeFileSync(outcome, await startServer(directory).catch(complaint))
  for (let waited = 0; !existsSync(outcome) || readFileSync(outcome).length === 0; waited += 50) {
    if (waited > 60_000) throw new Error('the PostgreSQL of this test run did not start within a minute')
    await sleep(50)
  }
  const text = readFileSync(outcome, 'utf8')
  if (text !== 'started') throw new Error(text)
  return urlOf(directory, 'postgres')
}

export function urlOf(directory: string, database: string): string {
  return `postgresql://postgres@/${database}?host=${encodeURIComponent(directory)}`
}

/** True for the one process that made the directory. */
function claim(directory: string): boolean {
  try {
    mkdirSync(join(directory, 'claimed'))
    return true
  } catch {
    return false
  }
}

async function startServer(directory: string): Promise<string> {
  const data = join(directory, 'data')
  if (isRoot()) chownSync(directory, userId('-u'), userId('-g'))
  await run('initdb', ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync'])
  const options = `-c fsync=off -c listen_addresses= -c unix_socket_directories=${directory} -c max_connections=60`
  await run('pg_ctl', ['-D', data, '-o', options, '-l', join(directory, 'log'), '-w', 'start'])
  return 'started'
}

async function run(name: string, parameters: string[]): Promise<void> {
  const [program, all] = command(name, parameters)
  await promisify(execFile)(program, all, { cwd: '/' })
}

/** PostgreSQL refuses to run as root. */
function command(name: string, parameters: string[]): [string, string[]] {
  const program = join(binaries, name)
  if (!isRoot()) return [program, parameters]
  return ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...parameters]]
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function userId(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
}

function complaint(error: unknown): string {
  return `these tests need a PostgreSQL 15 server (Debian package postgresql, programs in ${binaries}): ${error}`
}
