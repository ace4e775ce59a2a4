import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publish, served } from './world/served.ts'
import { createWorld, syncTo, type World } from './world/world.ts'

/** Releases, channels, promotion and rollback as an operator sees them, with the real command. */
let world: World
beforeAll(() => {
  world = createWorld()
  expect(world.keyring).toBeTruthy()
})
afterAll(() => world.remove())

const hello = { packages: { main: [{ name: 'hello', version: '1.0' }, { name: 'other' }] } }
const trains = {
  web: {
    repositories: ['debian', 'base'],
    channels: { staging: {}, production: { after: 'staging' } },
    complete: 'fetchable',
  },
}

describe('a train', () => {
  it('is cut, promoted channel by channel, and taken back', async () => {
    const { archive, yard, server } = await served(world, hello, {
      more: { base: { compose: { from: ['debian'], label: 'ours', origin: 'Ours' } } },
      trains,
    })
    const version = async (place: string) => {
      const answer = await fetch(`${server.url}${place}/debian/dists/stable/main/binary-amd64/Packages`)
      expect(answer.status, place).toBe(200)
      return /Package: hello\nVersion: (.*)/.exec(await answer.text())?.[1]
    }
    expect(await yard.run('release', 'web', '--why', 'the first')).toMatchObject({ status: 0 })
    const [first] = (await yard.use(open => open.yard.releases())).map(({ record }) => record.timestamp)
    const skipped = await yard.run('promote', 'web/production')
    expect(skipped).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('has not been in web/staging'),
    })
    expect(await yard.run('promote', 'web/staging')).toMatchObject({ status: 0 })
    expect(await yard.run('promote', 'web/production', '--why', 'go')).toMatchObject({ status: 0 })
    expect(await version('/channels/web/production')).toBe('1.0')

    publish(archive, 'hello', '2.0')
    await syncTo(yard, 'created')
    expect(await yard.run('release', 'web')).toMatchObject({ status: 0 })
    expect(await yard.run('release', 'web')).toMatchObject({ stdout: expect.stringContaining('nothing new') })
    expect(await version('/channels/web/production')).toBe('1.0')
    await yard.run('promote', 'web/staging')
    await yard.run('promote', 'web/production')
    await expect.poll(() => version('/channels/web/production')).toBe('2.0')
    expect(await version(`/releases/web/${first}`)).toBe('1.0')

    expect(await yard.run('rollback', 'web/production', '--why', 'it breaks')).toMatchObject({ status: 0 })
    await expect.poll(() => version('/channels/web/production')).toBe('1.0')
    const past = await yard.run('rollback', 'web/production')
    expect(past).toMatchObject({ status: 3, stderr: expect.stringContaining('is the first release') })
    expect(await yard.run('rollback', 'web/production', '--to', 'web@latest')).toMatchObject({ status: 3 })
    const [, second] = (await yard.use(open => open.yard.releases())).map(({ record }) => record.timestamp)
    expect(await yard.run('rollback', 'web/production', '--to', `web@${second}`)).toMatchObject({ status: 0 })
    await expect.poll(() => version('/channels/web/production')).toBe('2.0')
    const removal = await yard.run('rm', 'debian')
    expect(removal).toMatchObject({ status: 3, stderr: expect.stringContaining(`the release web@${first}`) })
  })

  it('never brings the agent, whichever repository has it', async () => {
    const { archive, yard } = await served(world, hello, {
      trains: { web: { repositories: ['debian'], channels: { staging: {} }, complete: 'fetchable' } },
    })
    expect(await yard.run('release', 'web')).toMatchObject({ status: 0 })
    for (const [name, version] of [
      ['switchyard-agent', '9'],
      ['switchyard-agent-light', '1'],
    ] as const) {
      publish(archive, name, version)
      await syncTo(yard, 'created')
      const refused = await yard.run('release', 'web')
      expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining(`has ${name} ${version}`) })
      archive.update(([suite]) => {
        suite!.packages!.main = suite!.packages!.main!.filter(one => one.name !== name)
      })
    }
    await syncTo(yard, 'created')
    expect(await yard.run('release', 'web')).toMatchObject({ status: 0 })
  })
})
