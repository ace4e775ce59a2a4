import { buildRpms } from '../../../src/formats/rpm/build-rpms.fixture.ts'
import { type ArchiveServer, serveArchive } from '../archive-server.ts'
import { createTestYard, type Settings, type TestYard } from '../test-yard.ts'
import type { World } from '../world.ts'
import { createRpmRepository, type RpmContent, type RpmRepository } from './repository.ts'

/** A repository of RPMs, its server, and a yard that mirrors it as `base`; nothing is synced yet. */
export interface RpmMirrored {
  repository: RpmRepository
  server: ArchiveServer
  yard: TestYard
}

/** How `base` is mirrored: trusted, unless `upstream` says how it is verified. */
export function rpmMirror(urls: string | string[], upstream: Settings = {}, more: Settings = {}): Settings {
  const isListed = 'mirrorlist' in upstream || 'metalink' in upstream
  return {
    upstream: {
      format: 'dnf',
      ...(isListed ? {} : typeof urls === 'string' ? { url: urls } : { urls }),
      ...('verify' in upstream ? {} : { trusted: true }),
      proxy: 'none',
      attempts: 2,
      'connect-timeout': '2s',
      'idle-timeout': '2s',
      ...upstream,
    },
    ...more,
  }
}

export async function rpmMirrored(
  world: World,
  content: RpmContent,
  upstream: Settings = {},
  more: Settings = { policy: 'immediate' },
): Promise<RpmMirrored> {
  const repository = createRpmRepository(world.signing, content)
  const server = await serveArchive(repository)
  world.atEnd(() => server.close())
  const yard = createTestYard(
    { base: rpmMirror(server.url, upstream, more) },
    { more: { server: { listen: '127.0.0.1:0' } } },
  )
  world.atEnd(yard.remove)
  return { repository, server, yard }
}

/** Small packages by their path, `Packages/NAME-1.0-1.noarch.rpm`, all built in one run. */
export function smallRpms(names: readonly string[], weight = 0): Map<string, Buffer> {
  // What gzip cannot shrink.
  const filling = Buffer.from(
    Array.from({ length: weight }, (_, i) => ((i * 2654435761) >>> ((i % 3) * 8)) & 0xff),
  )
  const recipes = names.map(name => ({ name, files: { [`/usr/share/${name}`]: weight ? filling : name } }))
  return new Map([...buildRpms(recipes)].map(([file, bytes]) => [`Packages/${file}`, bytes]))
}
