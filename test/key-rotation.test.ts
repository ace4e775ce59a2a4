import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../src/model/index.ts'
import type { ContentView } from '../src/repository/index.ts'
import { openKeys } from '../src/trust/index.ts'
import { aptOf, cleanUpdate, publish, served, timestampsOf } from './world/served.ts'
import type { TestYard } from './world/test-yard.ts'
import { createWorld, isWhole, syncTo, type World } from './world/world.ts'

let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

const base = { compose: { from: ['debian'] }, policy: 'on-demand' }
const makeServed = () => served(world, { packages: { main: [{ name: 'one' }] } }, { more: { base } })

const fingerprintsOf = async (yard: TestYard): Promise<string[]> =>
  JSON.parse((await yard.run('trust', 'keys', 'show', '--json')).stdout).fingerprints

/** By the commands, as an operator does it: a new key signs, the old one no more. */
async function replaceKey(yard: TestYard): Promise<{ old: string; fresh: string }> {
  const [old] = await fingerprintsOf(yard)
  expect(await yard.run('trust', 'keys', 'rotate')).toMatchObject({ status: 0 })
  expect(await yard.run('trust', 'keys', 'retire', old!)).toMatchObject({ status: 0 })
  const [fresh, ...others] = await fingerprintsOf(yard)
  expect(others).toEqual([])
  expect(fresh).not.toBe(old)
  return { old: old!, fresh: fresh! }
}

/** What gpgv, with the keys that the yard hands out for a view, says of a file that is signed within or beside it. */
async function verifies(yard: TestYard, name: string, view: ContentView, ...paths: string[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-keys-'))
  world.atEnd(() => rmSync(directory, { recursive: true }))
  const files = await yard.use(async ({ content }) => {
    const armoured = await content.keys(name as Name, view)
    writeFileSync(join(directory, 'key.gpg'), execFileSync('gpg', ['--dearmor'], { input: armoured! }))
    const written: string[] = []
    for (const path of paths) {
      const found = await content.resolve(name as Name, view, path)
      if (found?.kind !== 'file') throw new Error(`no ${path}`)
      const opened = await content.open(found, path)
      if (opened.kind !== 'file') throw new Error(`${path} is not here`)
      written.push(opened.file)
    }
    return written
  })
  const run = spawnSync('gpgv', ['--keyring', join(directory, 'key.gpg'), ...files], { encoding: 'utf8' })
  expect(run, run.stderr).toMatchObject({ status: 0 })
}

describe('after a key was replaced and nothing else changed', () => {
  it('new clients of latest verify with the key that they are given, of a mirror and of a composition', async () => {
    const { server, yard } = await makeServed()
    const { fresh } = await replaceKey(yard)
    for (const name of ['debian', 'base']) {
      expect(await server.setup(`${name}/latest/key.asc`)).toBe(
        await yard.use(async open => (await open.keys()).publicKey()),
      )
      await cleanUpdate(await aptOf(world, server, `${name}/latest/apt.sources`))
    }
    expect(await fingerprintsOf(yard)).toEqual([fresh])
    await server.stop()
    await isWhole(yard, 2)
  })

  it('dated snapshots of a composition verify with the keys that signed them', async () => {
    const { archive, server, yard } = await makeServed()
    const [first] = await timestampsOf(yard, 'base')
    await replaceKey(yard)
    publish(archive, 'two', '1.0')
    await syncTo(yard, 'created')
    const [, second] = await timestampsOf(yard, 'base')
    for (const at of [first!, second!, 'latest'])
      await cleanUpdate(await aptOf(world, server, `base/${at}/apt.sources`))
    expect(await server.setup(`base/${first}/key.asc`)).not.toBe(await server.setup(`base/${second}/key.asc`))
    await server.stop()
    await isWhole(yard, 4)
  })

  it('a sync seals latest that the command did not come to, and later ones leave it', async () => {
    const { server, yard } = await makeServed()
    const keys = await openKeys(join(yard.directory, 'keys'))
    const [old] = await keys.signers()
    await keys.rotate({ algorithm: 'ed25519', userId: 'Next <next@example.org>', now: Date.now() })
    await keys.retire(old!.fingerprint)
    await syncTo(yard, 'unchanged', 'debian')
    await cleanUpdate(await aptOf(world, server, 'debian/latest/apt.sources'))
    const inRelease = async () => (await server.get('/content/debian/latest/dists/stable/InRelease')).body
    const sealed = await inRelease()
    await syncTo(yard, 'unchanged', 'debian')
    expect(await inRelease()).toEqual(sealed)
  })

  it('a process that was there before signs with the new key', async () => {
    const { archive, server, yard } = await makeServed()
    await yard.use(async open => {
      await (await open.keys()).signers()
      await replaceKey(yard)
      publish(archive, 'two', '1.0')
      expect(await open.yard.sync([])).toMatchObject([{ outcome: 'created' }, { outcome: 'created' }])
    })
    for (const name of ['debian', 'base'])
      await cleanUpdate(await aptOf(world, server, `${name}/latest/apt.sources`))
  })

  it('gpgv verifies a composition as it was and as it is with the keys that each is given', async () => {
    const { yard } = await makeServed()
    const view = (timestamp: string): ContentView => ({ kind: 'snapshot', timestamp: timestamp as Timestamp })
    const [first] = await timestampsOf(yard, 'base')
    await replaceKey(yard)
    await verifies(yard, 'base', view(first!), 'dists/stable/Release.gpg', 'dists/stable/Release')
    await verifies(yard, 'base', { kind: 'latest' }, 'dists/stable/Release.gpg', 'dists/stable/Release')
  })
})

describe('two that change the keys at once', () => {
  it('lose none: both new keys sign', async () => {
    const yard = world.yard()
    const [old] = await fingerprintsOf(yard)
    const runs = await Promise.all([1, 2, 3].map(() => yard.run('trust', 'keys', 'rotate', '--json')))
    const made = runs.map(run => JSON.parse(run.stdout).fingerprint)
    expect((await fingerprintsOf(yard)).toSorted()).toEqual([old, ...made].toSorted())
  })

  it('make one first key', async () => {
    const yard = world.yard()
    const shown = await Promise.all([1, 2, 3].map(() => fingerprintsOf(yard)))
    const signing = await fingerprintsOf(yard)
    expect(signing).toHaveLength(1)
    expect(shown).toEqual([signing, signing, signing])
  })
})
