import { execFileSync } from 'node:child_process'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestYard } from './world/test-yard.ts'
import { add, createWorld, failsWith, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

const catalogFiles = ['catalog.sqlite', 'catalog.sqlite-wal', 'catalog.sqlite-shm']

function loseCatalog(yard: TestYard): void {
  for (const name of catalogFiles) rmSync(join(yard.directory, name), { force: true })
}

async function twoSnapshots() {
  const mirrored = await world.mirrored({ packages: { main: [{ name: 'one' }] } })
  await syncTo(mirrored.yard, 'created')
  add(mirrored.archive, { name: 'two' })
  await syncTo(mirrored.yard, 'created')
  return mirrored
}

const summaries = (yard: TestYard) => yard.use(open => open.yard.snapshots())
const found = (yard: TestYard, name: string) => yard.use(open => open.yard.search(name))

it('a catalog that was lost is made again from refs and trees: list, search, counts, and the next sync', async () => {
  const { archive, yard } = await twoSnapshots()
  const before = [await summaries(yard), await found(yard, '*')]
  loseCatalog(yard)
  expect([await summaries(yard), await found(yard, '*')]).toEqual(before)
  add(archive, { name: 'three' })
  await syncTo(yard, 'created')
  await isWhole(yard, 3)
})

it('a catalog restored from an older copy learns what came after', async () => {
  const { archive, yard } = await twoSnapshots()
  const [file, copy] = [join(yard.directory, 'catalog.sqlite'), join(yard.directory, 'copy.sqlite')]
  copyFileSync(file, copy)
  add(archive, { name: 'three' })
  await syncTo(yard, 'created')
  const before = await summaries(yard)
  loseCatalog(yard)
  copyFileSync(copy, file)
  expect(await summaries(yard)).toEqual(before)
  await isWhole(yard, 3)
})

it('a catalog that is garbage is made again once the command that the error names has put it aside', async () => {
  const { yard } = await twoSnapshots()
  const before = [await summaries(yard), await found(yard, '*')]
  for (const name of catalogFiles) writeFileSync(join(yard.directory, name), 'no database\n'.repeat(1000))
  const refused = await yard.run('fsck', '--repair')
  failsWith(refused, 1, /is damaged or not a database/)
  execFileSync('sh', ['-c', /mkdir .+? && mv [^;]+/.exec(refused.stderr)![0]])
  expect([await summaries(yard), await found(yard, '*')]).toEqual(before)
  await isWhole(yard, 2)
})
