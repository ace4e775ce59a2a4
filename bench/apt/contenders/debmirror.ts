import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { keepState } from '../../harness/keep-state.ts'
import type { Mirror } from '../../harness/mirror.ts'
import type { Settings } from '../../harness/settings.ts'
import { architecture, component, suite } from '../../workloads/sign-archive.ts'
import type { SigningKey } from '../../workloads/signing-key.ts'

export function createDebmirror(settings: Settings, key: SigningKey, url: string): Mirror {
  const directory = join(settings.directory, 'debmirror')
  const host = new URL(url).host
  const what = [
    `--dist=${suite}`,
    `--section=${component}`,
    `--arch=${architecture}`,
    '--nosource',
    '--diff=none',
  ]
  const args = [
    '--method=http',
    `--host=${host}`,
    '--root=deb',
    ...what,
    '--rsync-extra=none',
    `--keyring=${key.publicFile}`,
  ]
  return {
    who: 'debmirror',
    sync: { program: 'debmirror', args: [...args, directory], environment: key.environment },
    clear: async () => rmSync(directory, { recursive: true, force: true }),
    ...keepState(directory, ['dists', '.temp']),
  }
}
