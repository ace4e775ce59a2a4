import { buildRpms } from '../../src/formats/rpm/build-rpms.fixture.ts'
import type { Archive } from './apt/archive.ts'
import type { Apt } from './apt/client.ts'
import { serveArchive } from './archive-server.ts'
import { createDnf, type Dnf } from './rpm/client.ts'
import { rpmMirror } from './rpm/mirrored.ts'
import { createRpmRepository } from './rpm/repository.ts'
import { type RunningServer, startServer } from './running-server.ts'
import { aptOf, publish } from './served.ts'
import { mirrorOf, type Settings, type TestYard } from './test-yard.ts'
import { syncTo, type World } from './world.ts'

/**
 * A train `web` of three repositories with the channels `staging` and `production`: `debian`, whose packages are here; `lazy`, an
 * apt repository that fetches them on demand; `base`, of RPMs. The package `hello` (in `lazy`: `later`) is of version N in release N.
 */
export interface Departing {
  archives: { debian: Archive; lazy: Archive }
  yard: TestYard
  server: RunningServer
  /** `web@T`, oldest first. */
  releases: string[]
  /** The text of a file below the server's root. */
  text(path: string): Promise<string>
  /** A fresh client that follows a channel, as its setup files say. */
  apt(channel: string): Promise<Apt>
  dnf(channel: string): Promise<Dnf>
}

export async function departing(
  world: World,
  { releases, channels = {} }: { releases: number; channels?: { [name: string]: Settings } },
): Promise<Departing> {
  const packagesOf = (name: string) => ({ main: [{ name, version: '0' }] })
  const archives = {
    debian: world.archive({ name: 'stable', packages: packagesOf('hello') }),
    lazy: world.archive({ name: 'extra', packages: packagesOf('later'), fields: { Label: 'Lazy' } }),
  }
  const contentOf = (version: number) => {
    const [[file, bytes]] = [...buildRpms([{ name: 'hello', version: `${version}`, files: {} }])] as [
      [string, Buffer],
    ]
    return { packages: new Map([[`Packages/${file}`, bytes]]), signedBy: 'good' as const }
  }
  const base = createRpmRepository(world.signing, contentOf(1))
  const [debianServer, lazyServer] = [await world.serve(archives.debian), await world.serve(archives.lazy)]
  const baseServer = await serveArchive(base)
  world.atEnd(() => baseServer.close())
  const repositories = {
    debian: mirrorOf(debianServer.url, world.keyring, {}, { policy: 'immediate' }),
    lazy: mirrorOf(lazyServer.url, world.keyring, { suite: 'extra' }, { policy: 'on-demand' }),
    base: rpmMirror(baseServer.url, { verify: 'metadata', keyring: world.keyring }, { policy: 'immediate' }),
  }
  const web = {
    repositories: Object.keys(repositories),
    channels: { staging: {}, production: {}, ...channels },
    complete: 'fetchable',
  }
  const yard = world.yard(repositories, { more: { server: { listen: '127.0.0.1:0' }, trains: { web } } })
  const cut: string[] = []
  for (let version = 1; version <= releases; version++) {
    publish(archives.debian, 'hello', `${version}`)
    publish(archives.lazy, 'later', `${version}`)
    base.publish(contentOf(version))
    await syncTo(yard, 'created')
    const { release } = await yard.use(open => open.yard.release('web' as never))
    cut.push(`web@${release.timestamp}`)
  }
  const server = await startServer(yard)
  world.atEnd(() => server.stop())
  const text = async (path: string) => {
    const { status, body } = await server.get(path)
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`)
    return body.toString()
  }
  return {
    archives,
    yard,
    server,
    releases: cut,
    text,
    async apt(channel) {
      const apt = await aptOf(world, server)
      await apt.setSources(await text(`/channels/${channel}/setup/apt.sources`))
      await apt.setPreferences(await text(`/channels/${channel}/setup/preferences`))
      return apt
    },
    async dnf(channel) {
      const dnf = createDnf()
      world.atEnd(dnf.remove)
      dnf.setRepository(await text(`/channels/${channel}/setup/dnf.repo`))
      return dnf
    },
  }
}
