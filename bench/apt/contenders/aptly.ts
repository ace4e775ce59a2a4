import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepState } from '../../harness/keep-state.ts'
import type { Mirror } from '../../harness/mirror.ts'
import { type Command, run, shell } from '../../harness/run.ts'
import type { Settings } from '../../harness/settings.ts'
import { component, suite } from '../../workloads/sign-archive.ts'
import type { SigningKey } from '../../workloads/signing-key.ts'

export interface Aptly extends Mirror {
  /** aptly's command line, with its configuration. */
  aptly(line: string, options?: { contents: boolean }): Command
}

export async function createAptly(settings: Settings, key: SigningKey, url: string): Promise<Aptly> {
  const home = join(settings.directory, 'aptly')
  const root = join(home, 'root')
  mkdirSync(home, { recursive: true })
  for (const contents of [true, false])
    writeFileSync(configurationFile(home, contents), configuration(root, contents))
  const keyring = join(home, 'trusted.gpg')
  if (!existsSync(keyring)) await importKey(keyring, key)
  const lineOf = (line: string, contents = false) =>
    `aptly -config=${configurationFile(home, contents)} ${line}`
  const create = lineOf(`mirror create -keyring=${keyring} m ${url}/deb ${suite} ${component}`)
  const update = lineOf(`mirror update -keyring=${keyring} m`)
  return {
    who: 'aptly',
    sync: shell(`[ -e ${root}/db ] || ${create}; ${update}`, key.environment),
    clear: async () => rmSync(root, { recursive: true, force: true }),
    ...keepState(root, ['db']),
    aptly: (line, { contents } = { contents: false }) => shell(lineOf(line, contents), key.environment),
  }
}

function configurationFile(home: string, contents: boolean): string {
  return join(home, contents ? 'with-contents.conf' : 'without-contents.conf')
}

function configuration(root: string, contents: boolean): string {
  return JSON.stringify({
    rootDir: root,
    architectures: ['amd64'],
    downloadConcurrency: 8,
    gpgProvider: 'gpg',
    skipContentsPublishing: !contents,
  })
}

async function importKey(keyring: string, key: SigningKey): Promise<void> {
  const args = ['--batch', '--no-default-keyring', '--keyring', keyring, '--import', key.publicFile]
  await run({ program: 'gpg', args, environment: key.environment })
}
