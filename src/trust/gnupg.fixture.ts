import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the real gpgv says of a document, and what the real apt makes of that (`methods/gpgv.cc`). */
export interface Oracle {
  accepted: boolean
  /** Status keywords about signatures: GOODSIG, BADSIG, NO_PUBKEY, ... */
  statuses: string[]
  /** What it wrote to `--output`. */
  output: Buffer | undefined
}

export interface Gnupg {
  directory: string
  /** Runs gpg; `at` fakes its clock (`20200101T000000`). */
  gpg(args: string[], options?: { input?: Uint8Array; at?: string }): Buffer
  /** Makes a key for NAME <NAME@example.org> without passphrase; returns its fingerprint. */
  makeKey(name: string, algorithm: string, options?: { expire?: string; at?: string; usage?: string }): string
  /** The binary keyring of these keys, as a file. */
  keyring(...names: string[]): string
  clearSign(text: Uint8Array, names: string[], args?: string[], at?: string): Buffer
  detachSign(bytes: Uint8Array, names: string[], args?: string[]): Buffer
  file(content: Uint8Array): string
  remove(): void
}

export function createGnupg(): Gnupg {
  const directory = mkdtempSync(join(tmpdir(), 'gnupg-'))
  let files = 0
  const file = (content: Uint8Array) => {
    const path = join(directory, `file-${files++}`)
    writeFileSync(path, content)
    return path
  }
  const gpg: Gnupg['gpg'] = (args, { input, at } = {}) => {
    const clock = at === undefined ? [] : ['--faked-system-time', `${at}!`]
    const fixed = ['--homedir', directory, '--batch', '--quiet', '--no-tty', '--pinentry-mode', 'loopback']
    return execFileSync('gpg', [...fixed, ...clock, '--passphrase', '', ...args], {
      input: input ?? Buffer.alloc(0),
      maxBuffer: 1 << 28,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }
  const sign = (mode: string, bytes: Uint8Array, names: string[], args: string[], at?: string) =>
    gpg([...args, ...names.flatMap(name => ['--local-user', name]), mode], {
      input: bytes,
      ...(at === undefined ? {} : { at }),
    })
  return {
    directory,
    gpg,
    file,
    makeKey: (name, algorithm, { expire = 'never', at, usage = 'sign' } = {}) => {
      gpg(
        ['--quick-generate-key', `${name} <${name}@example.org>`, algorithm, usage, expire],
        at === undefined ? {} : { at },
      )
      return fingerprintOf(gpg, name)
    },
    keyring: (...names) => file(gpg(['--export', ...names.map(name => `=${name} <${name}@example.org>`)])),
    clearSign: (text, names, args = [], at) => sign('--clear-sign', text, names, args, at),
    detachSign: (bytes, names, args = ['--armor']) => sign('--detach-sign', bytes, names, args),
    remove: () => {
      execFileSync('gpgconf', ['--homedir', directory, '--kill', 'gpg-agent'])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function fingerprintOf(gpg: Gnupg['gpg'], name: string): string {
  const listing = gpg(['--with-colons', '--list-keys', `${name}@example.org`]).toString()
  return /^fpr:+([0-9A-F]{40}):/m.exec(listing)![1]!
}

/** Revokes with the certificate that gpg made along with the key. */
export function revoke({ directory, gpg }: Gnupg, fingerprint: string): void {
  const certificates = join(directory, 'openpgp-revocs.d')
  const name = readdirSync(certificates).find(entry => entry.startsWith(fingerprint))!
  gpg(['--import'], {
    input: Buffer.from(readFileSync(join(certificates, name), 'latin1').replace(':---', '---')),
  })
}

/** The verdict of gpgv on a clear-signed document, or on `data` with a detached signature. */
export function askGpgv(gnupg: Gnupg, keyring: string, document: Uint8Array, data?: Uint8Array): Oracle {
  const output = join(gnupg.directory, 'output')
  rmSync(output, { force: true })
  const files = data === undefined ? [document] : [document, data]
  const run = spawnSync(
    'gpgv',
    ['--homedir', gnupg.directory, '--status-fd', '1', '--keyring', keyring, '--output', output].concat(
      files.map(gnupg.file),
    ),
    { encoding: 'latin1', maxBuffer: 1 << 28 },
  )
  return judgeAsApt(run.stdout, readIfThere(output))
}

/** Signatures by unknown keys and worthless ones do not matter, bad ones do, and SHA-1 takes a good signature back. */
function judgeAsApt(status: string, output: Buffer | undefined): Oracle {
  const statuses: string[] = []
  let good: string[] = []
  let bad = false
  for (const [, keyword, rest] of status.matchAll(/^\[GNUPG:\] (\S+) ?(.*)$/gm)) {
    if (/SIG$|^NO_PUBKEY$|^NODATA$/.test(keyword!) && keyword !== 'NEWSIG') statuses.push(keyword!)
    const words = rest!.split(' ')
    if (keyword === 'GOODSIG') good.push(words[0]!)
    if (keyword === 'BADSIG') bad = true
    if (keyword === 'VALIDSIG' && ['1', '2', '3'].includes(words[7]!))
      good = good.filter(keyId => keyId !== words[0]!.slice(24))
  }
  return { accepted: good.length > 0 && !bad, statuses, output }
}

/** Whether apt's own verifier accepts it: the program that `apt-get update` runs, spoken to in its protocol. */
export function askApt(gnupg: Gnupg, keyring: string, document: Uint8Array, data?: Uint8Array): boolean {
  const signature = gnupg.file(document)
  const content = data === undefined ? signature : gnupg.file(data)
  const { stdout } = spawnSync('/usr/lib/apt/methods/gpgv', {
    input: [
      '601 Configuration\nConfig-Item: APT::Sandbox::User=root\n',
      `600 URI Acquire\nURI: gpgv:${signature}\nFilename: ${content}\nSigned-By: ${keyring}\n\n`,
    ].join('\n'),
    encoding: 'latin1',
  })
  if (/^201 URI Done/m.test(stdout)) return true
  if (/^400 URI Failure/m.test(stdout)) return false
  throw new Error(`apt's verifier gave no answer: ${stdout}`)
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
