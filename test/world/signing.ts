import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How a key stands when the archive signs with it: expired and revoked ones did so while they were good. */
export type KeyState = 'good' | 'other' | 'expired' | 'revoked'

export interface TestKey {
  fingerprint: string
  /** The keyring file that knows this key only, as things stand today. */
  keyring: string
}

/** Real gpg in a directory of its own; keys are made when they are first asked for. */
export interface Signing {
  key(state: KeyState): TestKey
  /** An InRelease. */
  inline(text: Buffer, state: KeyState): Buffer
  /** A Release.gpg. */
  detached(text: Buffer, state: KeyState): Buffer
  remove(): void
}

/** Before an expired key expired. */
const longAgo = '20200102T000000'

export function createSigning(): Signing {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-keys-'))
  const keys = new Map<KeyState, TestKey>()
  const gpg = (args: string[], input: Uint8Array = Buffer.alloc(0), clock?: string) =>
    execFileSync(
      'gpg',
      ['--homedir', directory, '--batch', '--quiet', '--no-tty', '--pinentry-mode', 'loopback']
        .concat(['--passphrase', ''], clock === undefined ? [] : ['--faked-system-time', `${clock}!`])
        .concat(args),
      { input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 28 },
    )
  const addressOf = (state: KeyState) => `${state}@example.org`
  const clockOf = (state: KeyState) => (state === 'expired' ? longAgo : undefined)
  const make = (state: KeyState): TestKey => {
    const expires = state === 'expired' ? '2d' : 'never'
    gpg(
      ['--quick-generate-key', `Archive <${addressOf(state)}>`, 'rsa2048', 'sign', expires],
      undefined,
      state === 'expired' ? '20200101T000000' : undefined,
    )
    const listing = gpg(['--with-colons', '--list-keys', addressOf(state)]).toString()
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listing)![1]!
    const keyring = join(directory, `${state}.gpg`)
    writeFileSync(keyring, state === 'revoked' ? revoked(fingerprint) : gpg(['--export', fingerprint]))
    return { fingerprint, keyring }
  }
  /** The key as its keyring has it after the revocation; gpg itself goes on signing with the one that is not revoked. */
  const revoked = (fingerprint: string): Buffer => {
    const name = readdirSync(join(directory, 'openpgp-revocs.d')).find(entry =>
      entry.startsWith(fingerprint),
    )!
    const certificate = readFileSync(join(directory, 'openpgp-revocs.d', name), 'latin1')
    const aside = mkdtempSync(join(tmpdir(), 'switchyard-revoked-'))
    const run = (args: string[], input: Uint8Array) =>
      execFileSync('gpg', ['--homedir', aside, '--batch', '--quiet', ...args], {
        input,
        stdio: ['pipe', 'pipe', 'pipe'],
      })
    try {
      run(['--import'], gpg(['--export', fingerprint]))
      run(['--import'], Buffer.from(certificate.replace(':---', '---')))
      return run(['--export', fingerprint], Buffer.alloc(0))
    } finally {
      stopAgent(aside)
      rmSync(aside, { recursive: true, force: true })
    }
  }
  const key = (state: KeyState) => {
    const made = keys.get(state) ?? make(state)
    keys.set(state, made)
    return made
  }
  const sign = (mode: string[], text: Buffer, state: KeyState) =>
    gpg(['--local-user', key(state).fingerprint, ...mode], text, clockOf(state))
  return {
    key,
    inline: (text, state) => sign(['--clear-sign'], text, state),
    detached: (text, state) => sign(['--armor', '--detach-sign'], text, state),
    remove() {
      stopAgent(directory)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function stopAgent(directory: string): void {
  execFileSync('gpgconf', ['--homedir', directory, '--kill', 'gpg-agent'], { stdio: 'ignore' })
}
