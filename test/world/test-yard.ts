import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject } from 'vitest'
import { byteStringOfText, type Name } from '../../src/model/index.ts'
import { type OpenYard, openYard, type SyncReport } from '../../src/yard/index.ts'

/** What a command did. */
export interface Run {
  status: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** The value of a key in switchyard.yaml. */
export type Settings = { [key: string]: unknown }

export interface TestYard {
  directory: string
  /** Writes switchyard.yaml anew. */
  configure(repositories: { [name: string]: Settings }, more?: Settings): void
  /** Runs the real command on this yard. */
  run(...args: string[]): Promise<Run>
  /** The same, not waited for. */
  start(...args: string[]): RunningCommand
  /** Opens it inside this process for the time of `work`. */
  use<T>(work: (open: OpenYard) => Promise<T>, now?: () => number): Promise<T>
  /** Syncs inside this process. */
  sync(...names: string[]): Promise<SyncReport[]>
  remove(): void
}

export interface RunningCommand {
  pid: number
  kill(signal: NodeJS.Signals): void
  /** What it has written to standard error so far. */
  stderr(): string
  done: Promise<Run>
}

/** The bundled command, started as its first line says. */
const program = join(inject('bundle'), 'switchyard.js')
const flags = /^#!\/usr\/bin\/env -S node (.*)$/m.exec(readFileSync(program, 'utf8'))![1]!.split(' ')

/** Nothing of this machine's own proxies and settings reaches a test. */
const environment = {
  PATH: process.env.PATH!,
  HOME: '/nonexistent',
  // Compiled code is kept in it.
  XDG_CACHE_HOME: dirname(inject('bundle')),
  LC_ALL: 'C.UTF-8',
  NO_PROXY: '*',
}

/** A yard in a directory of its own, whose key is quickly made. */
export function createTestYard(
  repositories: { [name: string]: Settings } = {},
  options: { directory?: string; more?: Settings } = {},
): TestYard {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'switchyard-yard-'))
  const yard: TestYard = {
    directory,
    configure(repositories, more = {}) {
      const file = { keys: { algorithm: 'ed25519' }, repositories, ...options.more, ...more }
      writeFileSync(join(directory, 'switchyard.yaml'), JSON.stringify(file, undefined, 2))
    },
    run: (...args) => yard.start(...args).done,
    start: (...args) => startCommand([...args, '--yard', directory]),
    async use(work, now) {
      const open = await openYard(directory, { environment, ...(now === undefined ? {} : { now }) })
      try {
        return await work(open)
      } finally {
        await open.close()
      }
    },
    sync: (...names) => yard.use(open => open.yard.sync(names as Name[])),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
  yard.configure(repositories)
  return yard
}

/** Runs the command without a terminal and without input. */
export function startCommand(args: string[], more: NodeJS.ProcessEnv = {}): RunningCommand {
  const child = spawn(process.execPath, [...flags, program, ...args], {
    env: { ...environment, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', chunk => out.push(chunk))
  child.stderr.on('data', chunk => err.push(chunk))
  return {
    pid: child.pid!,
    kill: signal => void child.kill(signal),
    stderr: () => Buffer.concat(err).toString(),
    done: once(child, 'close').then(([status, signal]) => ({
      status,
      signal,
      stdout: Buffer.concat(out).toString(),
      stderr: Buffer.concat(err).toString(),
    })),
  }
}

/** The settings of a mirror of a test archive: no proxy, few attempts. */
export function mirrorOf(
  urls: string | string[],
  keyring: string | undefined,
  upstream: Settings = {},
  more: Settings = {},
): Settings {
  return {
    upstream: {
      format: 'apt',
      ...(typeof urls === 'string' ? { url: urls } : { urls }),
      ...('suite' in upstream || 'suites' in upstream ? {} : { suite: 'stable' }),
      ...('components' in upstream || String(upstream.suite).endsWith('/') ? {} : { components: ['main'] }),
      architectures: ['amd64'],
      ...(keyring === undefined ? {} : { keyring }),
      proxy: 'none',
      attempts: 2,
      'connect-timeout': '2s',
      'idle-timeout': '2s',
      ...upstream,
    },
    ...more,
  }
}

/** Digests of every file of a snapshot, by path; a directory tree as a client would get it. */
export async function contentOf(open: OpenYard, reference: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  const walk = async (directory: string): Promise<void> => {
    for (const entry of await open.yard.list(reference, directory)) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (entry.kind === 'directory') await walk(path)
      else files.set(path, await readAll(await open.yard.cat(reference, path)))
    }
  }
  await walk(byteStringOfText(''))
  return files
}

export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
