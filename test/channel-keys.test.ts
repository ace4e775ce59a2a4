import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Name } from '../src/model/index.ts'
import { openKeys } from '../src/trust/index.ts'
import { type Departing, departing } from './world/departing.ts'
import { cleanUpdate } from './world/served.ts'
import { createWorld, failsWith, type World } from './world/world.ts'

/** Channels follow the yard's keys as `latest` does. */
vi.setConfig({ testTimeout: 180_000 })
let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

const fingerprintsOf = async ({ yard }: Departing): Promise<string[]> =>
  JSON.parse((await yard.run('trust', 'keys', 'show', '--json')).stdout).fingerprints
const recordOf = ({ yard }: Departing) =>
  yard.use(
    async open =>
      (await open.yard.trains('web' as Name))[0]!.channels.find(({ name }) => name === 'production')!.record!,
  )

describe('after a key was replaced', () => {
  it('new clients of a channel verify with the key that they are given; the channel has not moved', async () => {
    const made = await departing(world, { releases: 2 })
    const { yard, releases } = made
    for (const release of releases)
      expect(await yard.run('promote', 'web/production', release)).toMatchObject({ status: 0 })
    const before = await recordOf(made)
    const [old] = await fingerprintsOf(made)
    const faithful = await made.apt('web/production')
    await cleanUpdate(faithful)
    expect(await yard.run('trust', 'keys', 'rotate')).toMatchObject({ status: 0 })
    await delay(150)
    await cleanUpdate(faithful)
    expect(await yard.run('trust', 'keys', 'retire', old!)).toMatchObject({ status: 0 })
    await delay(150)
    const after = await recordOf(made)
    expect(after).toMatchObject({ release: before.release, line: before.line, history: before.history })
    expect(after.keys).toEqual(await fingerprintsOf(made))
    expect(after.moved > before.moved).toBe(true)
    const fresh = await made.apt('web/production')
    await cleanUpdate(fresh)
    expect((await fresh.policy('hello')).candidate).toBe('2')
    expect(await yard.run('rollback', 'web/production')).toMatchObject({ status: 0 })
    await delay(150)
    await cleanUpdate(fresh)
    expect((await fresh.policy('hello')).versions).toEqual(['1'])
    // What was fetched on demand is counted within a second.
    await expect
      .poll(async () => (await yard.use(open => open.yard.fsck())).findings, { timeout: 20_000 })
      .toEqual([])
  })

  it('a channel that the command did not come to still verifies; fsck names it and seals it', async () => {
    const made = await departing(world, { releases: 1 })
    const { yard } = made
    expect(await yard.run('promote', 'web/production')).toMatchObject({ status: 0 })
    const keys = await openKeys(join(yard.directory, 'keys'))
    const [old] = await keys.signers()
    await keys.rotate({ algorithm: 'ed25519', userId: 'Next <next@example.org>', now: Date.now() })
    await keys.retire(old!.fingerprint)
    await cleanUpdate(await made.apt('web/production'))
    failsWith(await yard.run('fsck'), 1, /web\/production: other keys have sealed it/)
    await yard.run('fsck', '--repair')
    await delay(150)
    expect((await recordOf(made)).keys).toEqual(await fingerprintsOf(made))
    await cleanUpdate(await made.apt('web/production'))
  })
})
