import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Archive } from './world/apt/archive.ts'
import { type RunningServer, startServer } from './world/running-server.ts'
import { publish, timestampsOf } from './world/served.ts'
import { mirrorOf, type Run, type Settings, startCommand, type TestYard } from './world/test-yard.ts'
import { createWorld, type World } from './world/world.ts'

/**
 * A whole Debian root, installed from a composed repository of ours with signatures on, and then taken forwards and
 * backwards by the apt inside it. Everything but the probe packages comes from the archive of this machine's own apt.
 */
let world: World
let archive: Archive
let yard: TestYard
let server: RunningServer
let root: string

/** What Debian marks `Essential: yes`, and what the test itself calls for. */
const essential = `base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip
  hostname init-system-helpers libc-bin login ncurses-base ncurses-bin perl-base sed sysvinit-utils tar util-linux`
const wanted = [...essential.split(/\s+/), 'apt', 'nginx', 'probe', 'probe-data']

/** The machine's own way to its archive, proxies included. */
const network = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(?:https?|all)_proxy$/i.test(name))),
  NO_PROXY: process.env.NO_PROXY ?? process.env.no_proxy ?? 'localhost,127.0.0.1',
}

beforeAll(async () => {
  checkMachine()
  world = createWorld()
  archive = world.archive({ name: 'ours', packages: { main: probes('1.0') } })
  yard = world.yard({})
  await configure((await world.serve(archive)).url)
  await sync()
  server = await startServer(yard, network)
  world.atEnd(() => server.stop())
  const above = mkdtempSync(join(tmpdir(), 'switchyard-root-'))
  world.atEnd(() => execFileSync('rm', ['--recursive', '--force', '--one-file-system', above]))
  // apt's downloads run as a user of their own.
  chmodSync(above, 0o755)
  root = join(above, 'root')
  await bootstrap()
}, 300_000)
afterAll(() => world?.remove(), 60_000)

function checkMachine(): void {
  if (process.getuid?.() !== 0)
    throw new Error('a Debian root can only be installed by root: run the tests as root, or in a container')
  if (spawnSync('mmdebstrap', ['--version']).status !== 0)
    throw new Error('mmdebstrap is missing: run `apt-get install mmdebstrap`')
}

const probes = (version: string) => [
  { name: 'probe', version, fields: { Depends: `probe-data (= ${version})` } },
  { name: 'probe-data', version, architecture: 'all' },
]

/** Debian from where `switchyard init` finds it, on demand; our probes; and the root's repository out of both. */
async function configure(probesUrl: string): Promise<void> {
  const made = join(mkdtempSync(join(tmpdir(), 'switchyard-init-')), 'yard')
  world.atEnd(() => execFileSync('rm', ['-r', join(made, '..')]))
  const init = await startCommand(['init', '--yard', made], network).done
  expect(init, init.stderr).toMatchObject({ status: 0 })
  const { debian } = parse(readFileSync(join(made, 'switchyard.yaml'), 'utf8')).repositories as {
    debian: { upstream: Settings }
  }
  yard.configure(
    {
      debian: { upstream: { ...debian.upstream, suites: ['bookworm'] }, policy: 'on-demand' },
      ours: mirrorOf(probesUrl, world.keyring, { suite: 'ours' }),
      root: {
        compose: { from: ['debian', 'ours'], include: wanted, 'with-dependencies': true },
        policy: 'on-demand',
      },
    },
    { server: { listen: '127.0.0.1:0' } },
  )
}

async function sync(...names: string[]): Promise<void> {
  const run: Run = await startCommand(['sync', ...names, '--yard', yard.directory], network).done
  expect(run, `${run.stdout}${run.stderr}`).toMatchObject({ status: 0 })
}

/** mmdebstrap with our setup file and nothing else. */
async function bootstrap(): Promise<void> {
  const sources = await server.setup('root/apt.sources')
  const options = [
    '--mode=root',
    '--variant=essential',
    '--include=apt',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Acquire::http::Proxy::127.0.0.1 "DIRECT"',
    '--dpkgopt=force-unsafe-io',
  ]
  const { output, status } = await program(['mmdebstrap', ...options, 'bookworm', root, '-'], sources)
  expect(status, output).toBe(0)
  expect(output).not.toMatch(/^[WE]:/m)
  // No daemon of the root may start on this machine.
  writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 })
}

interface Ended {
  status: number | null
  output: string
}

/** Runs a program while this process goes on serving. */
async function program(command: string[], input = ''): Promise<Ended> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' }
  const child = spawn(command[0]!, command.slice(1), { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => chunks.push(chunk))
  // Who does not read what it is given may say so by its status.
  child.stdin.on('error', () => undefined).end(input)
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, output: Buffer.concat(chunks).toString() }
}

/** Runs a program in the root. */
const inside = (...command: string[]) => program(['chroot', root, ...command])

/** apt-get in the root, which must do it without a warning. */
async function aptGet(...args: string[]): Promise<string> {
  const { status, output } = await inside('apt-get', '--yes', '-o', 'Dpkg::Use-Pty=0', ...args)
  expect(status, output).toBe(0)
  expect(output).not.toMatch(/^(?:Ign|Err|[WE]):/m)
  return output
}

/** Version by name of what is installed in the root. */
async function installed(): Promise<Map<string, string>> {
  const format = '$' + '{Package} $' + '{Version} $' + '{db:Status-Status}\n'
  const rows = (await inside('dpkg-query', '-W', '-f', format)).output.trim().split('\n')
  return new Map(
    rows
      .map(row => row.split(' '))
      .map(([name, version, status]) => {
        expect([name, status]).toEqual([name, 'installed'])
        return [name!, version!]
      }),
  )
}

async function probesInstalled(): Promise<(string | undefined)[]> {
  const versions = await installed()
  return ['probe', 'probe-data'].map(name => versions.get(name))
}

/** Packages whose version is another one than before. */
async function changed(before: Map<string, string>): Promise<string[]> {
  return [...(await installed())]
    .filter(([name, version]) => before.get(name) !== version)
    .map(([name]) => name)
    .sort()
}

describe('a Debian root', () => {
  it('is installed from a composed repository, whole, and from nowhere else', async () => {
    expect(await inside('dpkg', '--audit')).toEqual({ status: 0, output: '' })
    expect((await installed()).size).toBeGreaterThan(60)
    await aptGet('update')
    const offered = new Map(
      (await inside('apt-cache', 'dumpavail')).output
        .split('\n\n')
        .map(stanza => [/^Package: (.*)$/m.exec(stanza)?.[1], /^Version: (.*)$/m.exec(stanza)?.[1]]),
    )
    for (const [name, version] of await installed())
      expect([name, offered.get(name)]).toEqual([name, version])
  })

  it('was fetched from the archive in the amount that it needed', async () => {
    const { completeness } = await yard.use(open => open.yard.snapshot('debian'))
    expect(completeness.localBytes).toBeLessThan(80_000_000)
    expect(completeness.totalBytes).toBeGreaterThan(50_000_000_000)
  })

  it('installs nginx, which works', async () => {
    await aptGet('install', '--no-install-recommends', 'nginx')
    expect(await inside('nginx', '-t')).toMatchObject({ status: 0 })
    expect((await inside('dpkg', '--verify', 'nginx', 'libssl3')).output).toBe('')
  })

  it('upgrades, goes back with the preferences, and forwards again; nothing else changes', async () => {
    await aptGet('install', 'probe')
    expect(await probesInstalled()).toEqual(['1.0', '1.0'])
    const before = await installed()
    publish(archive, 'probe-data', '2.0', { architecture: 'all' })
    publish(archive, 'probe', '2.0', { fields: { Depends: 'probe-data (= 2.0)' } })
    await sync('ours', 'root')
    await aptGet('update')
    await aptGet('dist-upgrade')
    expect(await probesInstalled()).toEqual(['2.0', '2.0'])
    expect(await changed(before)).toEqual(['probe', 'probe-data'])

    const newest = (await timestampsOf(yard, 'root')).at(-1)
    expect(await yard.run('rm', `root@${newest}`)).toMatchObject({ status: 0 })
    await aptGet('update')
    await aptGet('dist-upgrade')
    expect(await probesInstalled(), 'no preferences, no way back').toEqual(['2.0', '2.0'])
    const preferences = join(root, 'etc/apt/preferences.d/root')
    writeFileSync(preferences, await server.setup('root/preferences'))
    expect(await aptGet('--allow-downgrades', 'dist-upgrade')).toMatch(/DOWNGRADED:\n {2}probe probe-data\n/)
    expect(await installed()).toEqual(before)

    await sync('root')
    await aptGet('update')
    await aptGet('dist-upgrade')
    expect(await probesInstalled()).toEqual(['2.0', '2.0'])
    expect(await inside('dpkg', '--audit')).toEqual({ status: 0, output: '' })
  })

  it('refuses the same repository under a key that did not sign it', async () => {
    const [foreign] = await timestampsOf(yard, 'ours')
    const keyOf = (sources: string) => sources.slice(sources.indexOf('Signed-By:'))
    const sources = await server.setup('root/apt.sources')
    const other = keyOf(await server.setup(`ours/${foreign}/apt.sources`))
    expect(other).not.toBe(keyOf(sources))
    const file = join(root, 'tmp/other.sources')
    writeFileSync(file, sources.replace(keyOf(sources), other))
    mkdirSync(join(root, 'tmp/lists/partial'), { recursive: true })
    const { output, status } = await inside(
      'apt-get',
      '-o',
      'Dir::Etc::SourceList=/tmp/other.sources',
      '-o',
      'Dir::Etc::SourceParts=/dev/null',
      '-o',
      'Dir::State::Lists=/tmp/lists',
      'update',
    )
    expect(output).toMatch(/NO_PUBKEY/)
    expect(status).not.toBe(0)
  })
})
