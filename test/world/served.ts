import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Archive } from './apt/archive.ts'
import { type Apt, createApt } from './apt/client.ts'
import type { SuiteSpec } from './apt/suite-spec.ts'
import type { ArchiveServer } from './archive-server.ts'
import { type RunningServer, startServer } from './running-server.ts'
import { mirrorOf, type Settings, type TestYard } from './test-yard.ts'
import { syncTo, type World } from './world.ts'

/** An archive, a yard that mirrors it as `debian`, and a server over the yard. */
export interface Served {
  archive: Archive
  upstream: ArchiveServer
  yard: TestYard
  server: RunningServer
}

/** Syncs once and serves. `more`: repositories beside the mirror; `settings`: more of the mirror's; `trains`: of the file. */
export async function served(
  world: World,
  suite: Partial<SuiteSpec>,
  {
    more = {},
    settings = {},
    trains = {},
  }: { more?: { [name: string]: Settings }; settings?: Settings; trains?: Settings } = {},
): Promise<Served> {
  const archive = world.archive({ name: 'stable', ...suite })
  const upstream = await world.serve(archive)
  const mirror = mirrorOf(upstream.url, world.keyring, { suite: archive.suites[0]!.name, ...settings })
  const yard = world.yard(
    { debian: mirror, ...more },
    { more: { server: { listen: '127.0.0.1:0' }, trains } },
  )
  yard.configure({ debian: mirror, ...more })
  await syncTo(yard, 'created')
  const server = await startServer(yard)
  world.atEnd(() => server.stop())
  return { archive, upstream, yard, server }
}

/** A fresh apt whose only source is a setup file, such as `debian/latest/apt.sources`. */
export async function aptOf(world: World, server: RunningServer, setup?: string): Promise<Apt> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-apt-'))
  world.atEnd(() => rmSync(directory, { recursive: true }))
  const apt = await createApt(directory)
  if (setup !== undefined) await apt.setSources(await server.setup(setup))
  return apt
}

/** `apt-get update` without an error, a warning, or an index that had to be asked for twice. */
export async function cleanUpdate(apt: Apt, options: { faketime?: string } = {}): Promise<string> {
  const output = await apt.update(options)
  expect(output).not.toMatch(/^(?:Ign|Err|[WEN]):/m)
  return output
}

/** Replaces a package of the archive's first suite, or adds it, and publishes. */
export function publish(archive: Archive, name: string, version: string, more: Settings = {}): void {
  archive.update(([suite]) => {
    const component = Object.keys(suite!.packages!)[0]!
    const others = suite!.packages![component]!.filter(one => one.name !== name)
    suite!.packages![component] = [...others, { name, version, ...more }]
  })
}

/** Timestamps of a repository's snapshots, oldest first. */
export function timestampsOf(yard: TestYard, repository: string): Promise<string[]> {
  return yard.use(async open =>
    (await open.yard.snapshots(repository as never)).map(({ record }) => record.timestamp),
  )
}
