import { readFileSync } from 'node:fs'
import { createGnupg, type Gnupg, revoke } from './gnupg.fixture.ts'
import { type Packet, readPackets } from './openpgp/packets.ts'

/** A keyring with keys of every state, and signatures by all of them over the same text. */
export interface Corpus {
  gnupg: Gnupg
  keyringFile: string
  originals: Original[]
  /** Each key by itself, and the signature that it made of the last of `originals`. */
  certificates: { packets: Packet[]; signature: Buffer }[]
}

export interface Original {
  /** The signed text as it stands in a clear-signed document; undefined for a detached signature. */
  head: string | undefined
  data: Buffer
  signatures: Buffer[]
}

const text = 'Origin: Example\nSuite: stable\n\n- dash\nDate: Sat, 21 Nov 2026 06:45:00 UTC\n'
const inTheClear =
  '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1,RIPEMD160,SHA224,SHA256,SHA384,SHA512\n\n' +
  text.replace('- dash', '- - dash')

const born = '20200101T000000'
const soonAfter = '20200110T000000'
const plainKeys = ['rsa2048', 'rsa3072', 'ed25519', 'nistp256', 'dsa2048']
const subkeys = ['subkey', 'revokedsubkey', 'expiredsubkey']
const known = [...plainKeys, ...subkeys, 'revoked', 'unflagged', 'expired']

/** Makes keys with the real gpg and has them sign. Takes about three seconds. */
export function createCorpus(): Corpus {
  const gnupg = createGnupg()
  for (const name of [...plainKeys, 'stranger', 'revoked', 'unflagged'])
    gnupg.makeKey(name, plainKeys.includes(name) ? name : 'ed25519', { at: born })
  gnupg.makeKey('expired', 'ed25519', { at: born, expire: '30d' })
  for (const name of subkeys) addSubkey(gnupg, name, name === 'expiredsubkey' ? '30d' : 'never')
  const originals = (['clear', 'text', 'binary'] as const).map(form => signByAll(gnupg, form))
  withdraw(gnupg)
  const certificates = known.map((name, index) => ({
    packets: readPackets(readFileSync(gnupg.keyring(name))).packets,
    signature: originals.at(-1)!.signatures[index]!,
  }))
  return { gnupg, keyringFile: gnupg.keyring(...known), originals, certificates }
}

function addSubkey(gnupg: Gnupg, name: string, expire: string): void {
  const primary = gnupg.makeKey(name, 'ed25519', { usage: 'cert', at: born })
  gnupg.gpg(['--quick-add-key', primary, 'ed25519', 'sign', expire], { at: born })
}

/** One signature packet by every key of the keyring, in its order, and some unusual ones. */
function signByAll(gnupg: Gnupg, form: 'clear' | 'binary' | 'text'): Original {
  // What is signed in the clear is the text without its last line break.
  const data = Buffer.from(form === 'clear' ? text.slice(0, -1) : text)
  const mode = form === 'binary' ? '--no-textmode' : '--textmode'
  const sign = (name: string, options: string[] = [], input = data) =>
    gnupg.gpg([mode, ...options, '--local-user', name, '--detach-sign'], { input, at: soonAfter })
  return {
    head: form === 'clear' ? inTheClear : undefined,
    data,
    signatures: [
      ...known.map(name => sign(name)),
      sign('stranger'),
      sign('rsa2048', ['--digest-algo', 'SHA1']),
      sign('rsa2048', ['--default-sig-expire', '1d']),
      sign('rsa3072', [], Buffer.from('Suite: other')),
    ],
  }
}

/** Revokes a key and a subkey, and takes from a third the right to sign. */
function withdraw(gnupg: Gnupg): void {
  const fingerprint = gnupg.gpg(['--with-colons', '--list-keys', 'revoked@example.org']).toString()
  revoke(gnupg, /^fpr:+([0-9A-F]{40}):/m.exec(fingerprint)![1]!)
  const edit = (name: string, input: string) =>
    gnupg.gpg(['--command-fd', '0', '--expert', '--edit-key', `${name}@example.org`], {
      input: Buffer.from(input),
    })
  edit('revokedsubkey', 'key 1\nrevkey\ny\n0\n\ny\nsave\n')
  edit('unflagged', 'change-usage\ns\nq\nsave\n')
}
