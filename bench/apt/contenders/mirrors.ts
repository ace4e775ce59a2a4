import type { Bench } from '../../harness/claim.ts'
import type { Mirror } from '../../harness/mirror.ts'
import { createYard } from '../../harness/our-yard.ts'
import { createAptly } from './aptly.ts'
import { createDebmirror } from './debmirror.ts'
import { mirrorYaml } from './mirror-yaml.ts'
import { createReprepro } from './reprepro.ts'

/** Ours first, then the peers: all mirror URL/deb whole. */
export async function allMirrors({ settings, key, nginx }: Bench): Promise<Mirror[]> {
  const configuration = `repositories:\n${mirrorYaml('deb', `${nginx.url}/deb`, key, 'immediate')}`
  return [
    createYard(settings, 'immediate', configuration),
    await createAptly(settings, key, nginx.url),
    createDebmirror(settings, key, nginx.url),
    createReprepro(settings, key, nginx.url),
  ]
}
