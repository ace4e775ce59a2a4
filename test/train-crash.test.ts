import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChannelRecord } from '../src/model/index.ts'
import { type Departing, departing } from './world/departing.ts'
import { type Follower, followerOf } from './world/follower.ts'
import { momentsOf } from './world/moments.ts'
import { publish } from './world/served.ts'
import { createWorld, syncTo, type World } from './world/world.ts'

/** kill -9 in the middle of what trains do. */
let world: World
beforeAll(() => {
  world = createWorld()
})
afterAll(() => world.remove())

const production = ({ yard }: Departing): Promise<ChannelRecord | undefined> =>
  yard.use(
    async open =>
      (await open.yard.trains('web' as never))[0]!.channels.find(({ name }) => name === 'production')!.record,
  )

/** What the log says of a subject's moves: verb and release. */
const logged = ({ yard }: Departing, ...verbs: string[]) =>
  yard.use(async open =>
    (await open.yard.log({ limit: 1000 }))
      .filter(({ verb }) => verbs.includes(verb))
      .toReversed()
      .map(({ verb, subject, detail }) => ({
        verb,
        subject,
        release: (detail as { release?: string }).release,
      })),
  )

/** The versions that clients of the channel are offered, in one look at each repository. */
async function offered({ server }: Departing): Promise<(string | undefined)[]> {
  const packages = async (repository: string, suite: string) => {
    const path = `/channels/web/production/${repository}/dists/${suite}/main/binary-amd64/Packages.gz`
    const { status, body } = await server.get(path)
    expect(status).toBe(200)
    return /^Version: (.*)$/m.exec(gunzipSync(body).toString())?.[1]
  }
  return Promise.all([packages('debian', 'stable'), packages('lazy', 'extra')])
}

/**
 * Every repository is at the release that the channel names, nothing is damaged, hosts are told the same, and the log has every move
 * exactly once.
 */
async function isWhole(made: Departing, host: Follower): Promise<ChannelRecord> {
  expect((await made.yard.use(open => open.yard.fsck())).findings).toEqual([])
  const record = (await production(made))!
  const version = `${made.releases.indexOf(`web@${record.release}`) + 1}`
  await delay(150)
  expect(await offered(made)).toEqual([version, version])
  const { trusted, suspicion } = await host.follow('web/production')
  expect(suspicion).toBeUndefined()
  expect(trusted.standing?.rollout.release.release).toBe(record.release)
  expect((await logged(made, 'promote', 'rollback')).map(({ release }) => release)).toEqual(
    record.history.map(({ release }) => release),
  )
  return record
}

describe('kill -9', () => {
  it('of promote and rollback leaves the channel at the old or the new release, whole, and in the log', async () => {
    const made = await departing(world, { releases: 2 })
    const { yard, releases } = made
    const [first, second] = releases
    const promoted = async (release: string) =>
      expect(await yard.run('promote', 'web/production', release)).toMatchObject({ status: 0 })
    await promoted(first!)
    const moments = await momentsOf(() => promoted(second!))
    const host = await followerOf(made.server)
    let before = await isWhole(made, host)
    let [stayed, moved, survived] = [0, 0, 0]
    for (let i = 0; i < 24; i++) {
      const to = releases.find(release => !release.endsWith(before.release))!
      const command =
        before.at > 0 ? yard.start('rollback', 'web/production') : yard.start('promote', 'web/production', to)
      await moments.next()
      command.kill('SIGKILL')
      const { signal } = await command.done
      const after = await isWhole(made, host)
      if (signal === null) {
        survived++
        moments.tooLate()
      } else if (after.release === before.release) stayed++
      else moved++
      before = after
    }
    expect(stayed + moved).toBeGreaterThan(0)
    expect(survived + moved + stayed).toBe(24)
  }, 240_000)

  it('of release leaves a release that is whole and in the log, or none', async () => {
    const made = await departing(world, { releases: 1 })
    const { yard, archives } = made
    const moments = await momentsOf(async () =>
      expect(await yard.run('promote', 'web/production', made.releases[0]!)).toMatchObject({ status: 0 }),
    )
    for (let i = 0; i < 10; i++) {
      publish(archives.debian, 'hello', `1.${i}`)
      await syncTo(yard, 'created', 'debian')
      const command = yard.start('release', 'web')
      await moments.next()
      command.kill('SIGKILL')
      if ((await command.done).signal === null) moments.tooLate()
      expect((await yard.use(open => open.yard.fsck())).findings).toEqual([])
      const releases = await yard.use(open => open.yard.releases('web' as never))
      expect((await logged(made, 'release')).map(({ subject }) => subject)).toEqual(
        releases.map(({ record }) => `web@${record.timestamp}`),
      )
      expect(await offered(made)).toEqual(['1', '1'])
    }
  }, 120_000)
})
