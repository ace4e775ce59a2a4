import type { Bench } from '../../harness/claim.ts'
import type { Mirror } from '../../harness/mirror.ts'
import { createYard, type OurYard } from '../../harness/our-yard.ts'
import { createDnf } from './dnf.ts'
import { mirrorYaml } from './mirror-yaml.ts'

/** Ours, and reposync: both mirror URL/rpm whole. */
export function bothMirrors({ settings, key, nginx }: Bench): [OurYard, Mirror] {
  const url = `${nginx.url}/rpm`
  const configuration = `repositories:\n${mirrorYaml('rpm', url, key, 'immediate')}`
  return [createYard(settings, 'rpm-immediate', configuration), createDnf(settings, 'rpm', url)]
}
