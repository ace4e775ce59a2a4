import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach } from 'vitest'
import { timestampOf } from '../model/index.ts'
import { createHost, type HostFixture } from './host.fixture.ts'
import { startYardServer, type YardServerFixture } from './yard-server.fixture.ts'

/** For every test of a file: a yard's server, and a host that has enrolled there. */
export function hostOfAYard() {
  const world = {
    server: undefined as unknown as YardServerFixture,
    host: undefined as unknown as HostFixture,
    /** URL of the server's departures. */
    departures: () => `${world.server.origin}/departures`,
    /** URL of a directory with the departures as they are now. */
    stick(): string {
      const directory = join(world.host.root, 'stick')
      for (const [path, bytes] of world.server.yard.files) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), bytes)
      }
      return pathToFileURL(directory).href
    },
    /** A later release on the channel. */
    moveOn(): string {
      const { yard } = world.server
      yard.now += 5_000
      yard.depart(timestampOf(yard.now))
      return yard.release.release
    },
    /** What the host says of itself. */
    status: async () => JSON.parse((await world.host.agent('status', '--json')).out),
    /** The release that its rollout names. */
    follows: async () => (await world.status()).statements?.rollout.release.release,
    /** What its places showed. */
    findings: async () =>
      (await world.status()).check.places.map(({ finding }: { finding: string }) => finding),
  }
  beforeEach(async () => {
    world.server = await startYardServer()
    world.host = createHost()
    await world.host.enroll(world.server.enrolmentFile())
  })
  afterEach(async () => {
    world.host.remove()
    await world.server.stop()
  })
  return world
}
