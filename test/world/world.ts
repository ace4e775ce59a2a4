import { expect } from 'vitest'
import type { SyncReport } from '../../src/yard/index.ts'
import { type Archive, createArchive } from './apt/archive.ts'
import type { PackageSpec } from './apt/deb-package.ts'
import type { SuiteSpec } from './apt/suite-spec.ts'
import { type ArchiveServer, type Served, serveArchive } from './archive-server.ts'
import { hash } from './hash.ts'
import { createSigning, type Signing } from './signing.ts'
import { contentOf, createTestYard, mirrorOf, type Run, type Settings, type TestYard } from './test-yard.ts'

/** Everything that the tests of one file make, removed together at its end. */
export interface World {
  signing: Signing
  /** The keyring of the good key. */
  keyring: string
  archive(...suites: SuiteSpec[]): Archive
  serve(archive: Served): Promise<ArchiveServer>
  yard(repositories?: { [name: string]: Settings }, options?: Parameters<typeof createTestYard>[1]): TestYard
  /** An archive of one suite, its server, and a yard that mirrors it as `debian`; nothing is synced yet. */
  mirrored(suite?: Partial<SuiteSpec>, upstream?: Settings, more?: Settings): Promise<Mirrored>
  atEnd(remove: () => unknown): void
  remove(): Promise<void>
}

export interface Mirrored {
  archive: Archive
  server: ArchiveServer
  yard: TestYard
}

export function createWorld(): World {
  const signing = createSigning()
  const leftOver: (() => unknown)[] = []
  const world: World = {
    signing,
    get keyring() {
      return signing.key('good').keyring
    },
    archive: (...suites) => createArchive(signing, suites),
    async serve(archive) {
      const server = await serveArchive(archive)
      leftOver.push(() => server.close())
      return server
    },
    yard(repositories, options) {
      const yard = createTestYard(repositories, options)
      leftOver.push(yard.remove)
      return yard
    },
    async mirrored(suite = {}, upstream = {}, more = { policy: 'immediate' }) {
      const archive = world.archive({ name: 'stable', packages: { main: [{ name: 'one' }] }, ...suite })
      const server = await world.serve(archive)
      return {
        archive,
        server,
        yard: world.yard({ debian: mirrorOf(server.url, world.keyring, upstream, more) }),
      }
    },
    atEnd: remove => void leftOver.push(remove),
    async remove() {
      for (const remove of leftOver.splice(0).reverse()) await remove()
      signing.remove()
    },
  }
  return world
}

/** Puts packages into the first suite's `main` and publishes. */
export function add(archive: Archive, ...packages: PackageSpec[]): void {
  archive.update(([suite]) => void suite!.packages!.main!.push(...packages))
}

/** Digests of a snapshot's files by path. */
export function digestsOf(yard: TestYard, reference: string): Promise<{ [path: string]: string }> {
  return yard.use(async open =>
    Object.fromEntries(
      [...(await contentOf(open, reference))].map(([path, bytes]) => [path, hash('sha256', bytes)]),
    ),
  )
}

/** Syncs inside this process; every repository must come out so. */
export async function syncTo(
  yard: TestYard,
  outcome: SyncReport['outcome'],
  ...names: string[]
): Promise<SyncReport[]> {
  const reports = await yard.sync(...names)
  const outcomes = reports.map(report => (report.outcome === 'failed' ? report.error : report.outcome))
  expect(outcomes).toEqual(reports.map(() => outcome))
  return reports
}

/** As many snapshots are listed, and fsck finds nothing. */
export async function isWhole(yard: TestYard, snapshots: number): Promise<void> {
  await yard.use(async ({ yard }) => {
    expect(await yard.snapshots()).toHaveLength(snapshots)
    expect((await yard.fsck()).findings).toEqual([])
  })
}

/** The command failed with this status and these words, and not by a defect. */
export function failsWith(run: Run, status: number, ...words: (string | RegExp)[]): void {
  expect(run.stderr).not.toMatch(/a defect|\n {4}at /)
  for (const word of words) expect(run.stderr).toMatch(word)
  expect(run, run.stdout).toMatchObject({ status })
}

/** `n` packages of about `weight` bytes. */
export function packages(n: number, weight = 0, prefix = 'p'): PackageSpec[] {
  return Array.from({ length: n }, (_, i) => ({ name: `${prefix}${i}`, weight }))
}
