import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepState } from '../../harness/keep-state.ts'
import type { Mirror } from '../../harness/mirror.ts'
import type { Settings } from '../../harness/settings.ts'
import { architecture, component, suite } from '../../workloads/sign-archive.ts'
import type { SigningKey } from '../../workloads/signing-key.ts'

/** It checks no signature of its upstream here (`blindtrust`), and signs what it writes. */
export function createReprepro(settings: Settings, key: SigningKey, url: string): Mirror {
  const directory = join(settings.directory, 'reprepro')
  const what = `Architectures: ${architecture}\nComponents: ${component}\n`
  async function clear(): Promise<void> {
    rmSync(directory, { recursive: true, force: true })
    mkdirSync(join(directory, 'conf'), { recursive: true })
    const update = `Name: up\nMethod: ${url}/deb\nSuite: ${suite}\n${what}VerifyRelease: blindtrust\n`
    writeFileSync(join(directory, 'conf', 'updates'), update)
    writeFileSync(
      join(directory, 'conf', 'distributions'),
      `Codename: ${suite}\n${what}SignWith: ${key.user}\nUpdate: up\n`,
    )
  }
  return {
    who: 'reprepro',
    sync: {
      program: 'reprepro',
      args: ['-b', directory, '--silent', 'update', suite],
      environment: key.environment,
    },
    clear,
    ...keepState(directory, ['db', 'dists', 'lists']),
  }
}
