import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PackageSpec } from './world/apt/deb-package.ts'
import { fileOf, flip } from './world/damage.ts'
import { hash } from './world/hash.ts'
import { mirrorOf, type TestYard } from './world/test-yard.ts'
import {
  add,
  createWorld,
  digestsOf,
  failsWith,
  isWhole,
  packages,
  syncTo,
  type World,
} from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

/** A yard with an immediate mirror of two snapshots and a composition of its packages. */
async function yardWithAll(specs: PackageSpec[] = packages(4, 3_000)) {
  const made = await world.mirrored({ packages: { main: specs } })
  made.yard.configure({
    debian: mirrorOf(made.server.url, world.keyring, {}, { policy: 'immediate' }),
    base: { compose: { from: ['debian'], compression: ['gz', 'xz'] } },
  })
  await syncTo(made.yard, 'created')
  add(made.archive, { name: 'late' })
  await syncTo(made.yard, 'created')
  await isWhole(made.yard, 4)
  return made
}

function snapshotRefsOf(yard: TestYard): string {
  return join(yard.directory, 'refs/repositories/debian/snapshots')
}

/** fsck names the damage; with --repair it heals it; then all is well, and every file is what it was. */
async function heals(yard: TestYard, damage: () => void, ...words: (string | RegExp)[]): Promise<void> {
  const names = ['debian', 'base']
  const before = await Promise.all(names.map(name => digestsOf(yard, name)))
  damage()
  failsWith(await yard.run('fsck'), 1, ...words)
  failsWith(await yard.run('fsck'), 1, ...words)
  const repair = await yard.run('fsck', '--repair')
  expect(repair, repair.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('all repaired') })
  const after = await yard.run('fsck')
  expect(after, after.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('all is well') })
  expect(await Promise.all(names.map(name => digestsOf(yard, name)))).toEqual(before)
}

const deb = 'pool/main/p/p1/p1_1.0-1_amd64.deb'

describe.concurrent('fsck names and heals', () => {
  it('a package with a flipped bit, by fetching it again', async () => {
    const { archive, yard } = await yardWithAll()
    const digest = hash('sha256', archive.files.get(deb)!)
    await heals(yard, () => flip(fileOf(yard, 'blobs', digest)), digest, deb)
  })

  it('a package that is gone', async () => {
    const { archive, yard } = await yardWithAll()
    const digest = hash('sha256', archive.files.get(deb)!)
    await heals(yard, () => rmSync(fileOf(yard, 'blobs', digest)), digest, deb, /missing/)
  })

  it('an index of an old snapshot that upstream replaced but for its by-hash name', async () => {
    const { archive, yard } = await yardWithAll()
    const digest = hash('sha256', archive.files.get('dists/stable/main/binary-amd64/Packages.gz')!)
    add(archive, { name: 'later' })
    await heals(yard, () => flip(fileOf(yard, 'blobs', digest)), digest, /Packages\.gz/)
  })

  it.each([
    ['dists/stable/main/binary-amd64/Packages.gz'],
    ['dists/stable/main/binary-amd64/Packages.xz'],
    ['dists/stable/InRelease'],
    ['dists/stable/Release.gpg'],
  ])('composed %s, by writing it again, byte for byte', async path => {
    const { yard } = await yardWithAll()
    const digest = (await digestsOf(yard, 'base'))[path]!
    await heals(yard, () => flip(fileOf(yard, 'blobs', digest)), digest, path)
  })

  it('composed metadata of an old snapshot', async () => {
    const { yard } = await yardWithAll()
    const [old] = await yard.use(open => open.yard.snapshots('base' as never))
    const path = 'dists/stable/main/binary-amd64/Packages.xz'
    const digest = (await digestsOf(yard, `base@${old!.record.timestamp}`))[path]!
    await heals(yard, () => rmSync(fileOf(yard, 'blobs', digest)), digest, path)
  })

  it('a sealed Release', async () => {
    const { yard } = await yardWithAll()
    const latest = JSON.parse(
      readFileSync(join(yard.directory, 'refs/repositories/debian/latest.json'), 'utf8'),
    )
    const digest = latest.sealed['dists/stable/InRelease'].sha256
    await heals(yard, () => rmSync(fileOf(yard, 'blobs', digest)), /debian\/latest|sealed/)
    await heals(
      yard,
      () => {
        const now = JSON.parse(
          readFileSync(join(yard.directory, 'refs/repositories/debian/latest.json'), 'utf8'),
        )
        flip(fileOf(yard, 'blobs', now.sealed['dists/stable/InRelease'].sha256))
      },
      /hash/,
    )
  })

  it.each([
    ['the newest snapshot', (names: string[]) => `snapshots/${names.at(-1)}`],
    ['an old snapshot', (names: string[]) => `snapshots/${names[0]}`],
    ['latest', () => 'latest.json'],
    ['what is remembered of upstream', () => 'upstream.json'],
  ])('the ref of %s', async (_, choose) => {
    const { yard } = await yardWithAll()
    const directory = join(yard.directory, 'refs/repositories/debian')
    const file = join(directory, choose(readdirSync(join(directory, 'snapshots')).sort()))
    await heals(yard, () => writeFileSync(file, '{"version":1,'), /debian/)
    await syncTo(yard, 'unchanged', 'base')
  })

  it('a count that is wrong', async () => {
    const { yard } = await yardWithAll()
    await heals(
      yard,
      () => {
        const database = new DatabaseSync(join(yard.directory, 'catalog.sqlite'))
        database.exec('update snapshot set local_entries = local_entries - 1')
        database.close()
      },
      /counts/,
    )
  })
})

describe.concurrent('fsck names', () => {
  it('a package that nobody has any more, and says so until it comes back', async () => {
    const { archive, yard } = await yardWithAll()
    const bytes = archive.files.get(deb)!
    archive.files.delete(deb)
    rmSync(fileOf(yard, 'blobs', hash('sha256', bytes)))
    failsWith(await yard.run('fsck'), 1, deb)
    failsWith(await yard.run('fsck', '--repair'), 1, deb, /could not be repaired/)
    failsWith(await yard.run('fsck'), 1, deb)
    const { completeness } = await yard.use(open => open.yard.snapshot('debian'))
    expect(completeness).toMatchObject({ lostEntries: 1, lostBytes: bytes.length })
    archive.files.set(deb, bytes)
    expect(await yard.run('fsck', '--repair')).toMatchObject({ status: 0 })
    await isWhole(yard, 4)
  })

  it('a snapshot that the catalog does not know and cannot list again, and touches it not', async () => {
    const { archive, yard } = await yardWithAll()
    const [oldest] = readdirSync(snapshotRefsOf(yard)).sort()
    const record = readFileSync(join(snapshotRefsOf(yard), oldest!))
    add(archive, { name: 'later' })
    await syncTo(yard, 'created', 'debian')
    const name = `debian@${oldest!.replace('.json', '')}`
    expect(await yard.run('rm', 'base')).toMatchObject({ status: 0 })
    expect(await yard.run('rm', name)).toMatchObject({ status: 0 })
    writeFileSync(join(snapshotRefsOf(yard), oldest!), record)
    failsWith(await yard.run('fsck', '--repair'), 1, name, /the catalog does not know this snapshot/)
    expect(Object.keys(await digestsOf(yard, name)).length).toBeGreaterThan(3)
  })
})
