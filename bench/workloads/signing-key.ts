import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../harness/run.ts'
import type { Settings } from '../harness/settings.ts'

/** A throw-away key in a keyring of its own, and its public half. */
export interface SigningKey {
  user: string
  /** For gpg and for the peers that run it. */
  environment: NodeJS.ProcessEnv
  publicFile: string
}

export async function signingKey(settings: Settings): Promise<SigningKey> {
  const home = join(settings.directory, 'gnupg')
  const user = 'bench@example.invalid'
  const publicFile = join(settings.directory, 'bench.gpg')
  const environment = { GNUPGHOME: home }
  if (!existsSync(publicFile)) {
    mkdirSync(home, { recursive: true })
    chmodSync(home, 0o700)
    const gpg = (...args: string[]) =>
      run({ program: 'gpg', args: ['--batch', '--quiet', ...args], environment })
    await gpg('--passphrase', '', '--quick-generate-key', `Bench <${user}>`, 'rsa3072', 'sign', 'never')
    await gpg('--output', publicFile, '--export', user)
  }
  return { user, environment, publicFile }
}
