import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { buildPackage, controlOf } from '../src/formats/deb/package.fixture.ts'
import * as formats from '../src/formats/index.ts'
import { buildRpms } from '../src/formats/rpm/build-rpms.fixture.ts'
import { digestOf } from '../src/model/index.ts'
import { createGnupg } from '../src/trust/gnupg.fixture.ts'
import { parseKeyring, textOf, verifyClearSigned, verifyDetached } from '../src/trust/index.ts'
import { repositoryMetadataTargets } from './fuzz-repository-metadata.ts'
import { statementTargets } from './fuzz-statements.ts'

/** One parser: inputs that it reads, and how it reads any. */
export interface FuzzTarget {
  name: string
  seeds: () => Buffer[]
  read: (bytes: Buffer) => unknown
}

const now = { now: Date.now(), object: 'fuzzed' }
const limits = { object: 'fuzzed', maxBytes: 4 * 1024 * 1024 }
const stanza = Buffer.from(
  [
    'Package: tool',
    'Source: tools (1:2.0~rc1-1)',
    'Version: 1:2.0~rc1-1+b1',
    'Architecture: amd64',
    'Multi-Arch: same',
    'Depends: libc6 (>= 2.36), tool-data (= 2.0) [amd64 !i386] <!nocheck> | other:any',
    'Provides: tool-api (= 2)',
    'Description: a tool',
    ' .',
    ' and more',
    'Filename: pool/main/t/tool/tool_2.0~rc1-1+b1_amd64.deb',
    'Size: 1234',
    `SHA256: ${'0123456789abcdef'.repeat(4)}`,
    '',
  ].join('\n'),
)
const release = Buffer.from(
  [
    'Origin: Example',
    'Suite: stable',
    'Codename: book',
    'Date: Sat, 21 Nov 2026 06:45:00 UTC',
    'Valid-Until: Sat, 28 Nov 2026 06:45:00 UTC',
    'Architectures: all amd64',
    'Components: main contrib',
    'SHA256:',
    ` ${'0123456789abcdef'.repeat(4)} 1234 main/binary-amd64/Packages`,
    ` ${'fedcba9876543210'.repeat(4)} 12 main/binary-amd64/Packages.gz`,
    '',
  ].join('\n'),
)
const changelog = Buffer.from(
  'tool (1.0-1) unstable; urgency=low\n\n  * Text.\n\n -- A <a@example.org>  Sat, 01\n',
)

/** Every parser of bytes that others wrote. A new one is added here. */
export const fuzzTargets: FuzzTarget[] = [
  {
    name: 'readPackageFile',
    seeds: () => ['-Zgzip', '-Zxz', '-Zzstd', '-Znone'].map(packageWith),
    read: bytes =>
      formats.readPackageFile(inPieces(bytes), 'fuzzed', {
        entry: ({ body }) => drained(body),
        maxDataBytes: 1 << 22,
      }),
  },
  { name: 'readRpm', seeds: rpms, read: readWholeRpm },
  {
    name: 'parseRichDependency',
    seeds: () => [Buffer.from('((a >= 1:2-3 with b(x)) if (c or d) else (e unless f))')],
    read: bytes => formats.parseRichDependency(bytes.toString('latin1'), 'fuzzed'),
  },
  {
    name: 'parseRpmDependency',
    seeds: () => [Buffer.from('foo >= 1:2-3')],
    read: bytes => formats.parseRpmDependency(bytes.toString('latin1'), 'fuzzed'),
  },
  {
    name: 'compareRpmVersions',
    seeds: () => [Buffer.from('1.0~rc1^git2-3 1.0.0')],
    read: bytes => formats.compareRpmVersions(...twoHalves(bytes.toString('latin1'))),
  },
  {
    name: 'readChangelog',
    seeds: () => [packageWith('-Znone')],
    read: bytes => formats.readChangelog(inPieces(bytes), 'tool'),
  },
  {
    name: 'readTar',
    seeds: () =>
      ['gnu', 'pax', 'ustar'].map(format => run('tar', `--format=${format}`, '-c', '-C', 'scripts', '.')),
    read: async bytes => {
      for await (const { body } of formats.readTar(inPieces(bytes), limits)) await drained(body)
    },
  },
  compressed('gzip', 'gzip', '-c'),
  compressed('xz', 'xz', '-c'),
  compressed('zstd', 'zstd', '-qc'),
  compressed('bzip2', 'bzip2', '-c'),
  { name: 'blockOf', seeds: () => [pack(stanza, 'xz', '-c')], read: bytes => formats.blockOf(bytes) },
  { name: 'parseChangelog', seeds: () => [changelog], read: bytes => formats.parseChangelog(bytes) },
  {
    name: 'stanzasOf',
    seeds: () => [Buffer.concat([stanza, Buffer.from('\n'), stanza])],
    read: bytes => [...formats.stanzasOf(bytes, { maxStanzaBytes: 1 << 20, object: 'fuzzed' })],
  },
  { name: 'parseStanza', seeds: () => [stanza], read: bytes => formats.parseStanza(bytes, 'fuzzed') },
  {
    name: 'readPackageStanza',
    seeds: () => [stanza],
    read: bytes => formats.readPackageStanza(bytes, 'fuzzed'),
  },
  {
    name: 'readSourceStanza',
    seeds: () => [sourceStanza()],
    read: bytes => formats.readSourceStanza(bytes, 'fuzzed'),
  },
  { name: 'parseRelease', seeds: () => [release], read: bytes => formats.parseRelease(bytes, 'fuzzed') },
  { name: 'resealRelease', seeds: () => [release], read: bytes => formats.resealRelease(bytes, { date: 0 }) },
  {
    name: 'parsePatchIndex',
    seeds: () => [patchIndex()],
    read: bytes => formats.parsePatchIndex(bytes, 'fuzzed'),
  },
  {
    name: 'parseDependencies',
    seeds: () => [Buffer.from('libc6 (>= 2.36), a:any (= 1) [amd64 !i386] <!nocheck stage1> <x> | b')],
    read: bytes => formats.parseDependencies(bytes.toString('latin1'), 'fuzzed'),
  },
  {
    name: 'parseProvides',
    seeds: () => [Buffer.from('tool-api (= 2), other')],
    read: bytes => formats.parseProvides(bytes.toString('latin1'), 'fuzzed'),
  },
  {
    name: 'compareDebianVersions',
    seeds: () => [Buffer.from('1:2.0~rc1-1+b1 1:2.0-1')],
    read: bytes => formats.compareDebianVersions(...twoHalves(bytes.toString('latin1'))),
  },
  { name: 'textOf', seeds: () => [signed().clear], read: bytes => textOf(bytes, 'fuzzed') },
  {
    name: 'parseKeyring',
    seeds: () => [signed().keyring, Buffer.from(parseKeyring(signed().keyring, 'fuzzed').armoured())],
    read: bytes => verifyClearSigned(signed().clear, parseKeyring(bytes, 'fuzzed'), now),
  },
  {
    name: 'verifyClearSigned',
    seeds: () => [signed().clear],
    read: bytes => verifyClearSigned(bytes, parseKeyring(signed().keyring, 'fuzzed'), now),
  },
  {
    name: 'verifyDetached',
    seeds: () => [signed().armoured, signed().binary],
    read: bytes => verifyDetached(release, bytes, parseKeyring(signed().keyring, 'fuzzed'), now),
  },
  ...repositoryMetadataTargets,
  ...statementTargets,
]

function compressed(kind: formats.Compression, program: string, ...options: string[]): FuzzTarget {
  return {
    name: `decompress ${kind}`,
    seeds: () => [
      pack(stanza, program, ...options),
      pack(Buffer.alloc(300_000, stanza), program, ...options),
    ],
    read: async bytes => {
      await drained(formats.decompress(kind, inPieces(bytes), limits))
      await formats.decompressAll(kind, bytes, limits)
    },
  }
}

function packageWith(option: string): Buffer {
  const files = {
    'DEBIAN/control': controlOf('tool'),
    'usr/bin/tool': 'x',
    'usr/share/doc/tool/changelog.gz': pack(changelog, 'gzip', '-c'),
  }
  return buildPackage({ files, options: [option] })
}

function rpms(): Buffer[] {
  const files = { '/etc/tool.conf': 'x', '/usr/bin/tool': 'x' }
  const sections = { '%post': 'echo', '%triggerin -- a': 'echo', '%filetriggerin -- /usr': 'echo' }
  const preamble = ['Requires: (a if b), c >= 1', 'Recommends: d', 'Vendor: J\xc3\xb6rg']
  const changelog = '* Mon Nov 02 2026 A <a@example.org>\n- one'
  return [
    ...buildRpms([{ name: 'tool', files, sections, preamble }], { changelog, withSource: true }).values(),
  ]
}

async function readWholeRpm(bytes: Buffer): Promise<void> {
  const file = await formats.readRpm(inPieces(bytes), 'fuzzed')
  formats.signaturesOf(file, 'fuzzed')
  const { headerStart, headerEnd } = file
  const place = {
    href: 'x.rpm',
    pkgid: digestOf(bytes),
    size: bytes.length,
    fileTime: 0,
    headerStart,
    headerEnd,
  }
  formats.writeFragments(formats.packageOf(file, 'fuzzed'), place)
  await formats.readRpm(inPieces(bytes), 'fuzzed', { payload: true })
}

function sourceStanza(): Buffer {
  const files = `Directory: pool/t\nChecksums-Sha256:\n ${'0123456789abcdef'.repeat(4)} 12 tool_1.dsc\n`
  return Buffer.from(`Package: tool\nVersion: 1\n${files}`)
}

function patchIndex(): Buffer {
  const line = ` ${'0123456789abcdef'.repeat(4)} 12 T-1`
  return Buffer.from(`SHA256-Current: ${line}\nSHA256-Patches:\n${line}\nSHA256-Download:\n${line}.gz\n`)
}

interface Signed {
  keyring: Buffer
  clear: Buffer
  armoured: Buffer
  binary: Buffer
}

let signedOnce: Signed | undefined

/** The Release, signed by a real key with a subkey, and that key. */
function signed(): Signed {
  signedOnce ??= signRelease()
  return signedOnce
}

function signRelease(): Signed {
  const gnupg = createGnupg()
  try {
    const primary = gnupg.makeKey('one', 'ed25519', { usage: 'cert' })
    gnupg.gpg(['--quick-add-key', primary, 'rsa2048', 'sign', 'never'])
    return {
      keyring: readFileSync(gnupg.keyring('one')),
      clear: gnupg.clearSign(release, ['one']),
      armoured: gnupg.detachSign(release, ['one']),
      binary: gnupg.detachSign(release, ['one'], []),
    }
  } finally {
    gnupg.remove()
  }
}

function twoHalves(text: string): [string, string] {
  const half = text.length >> 1
  return [text.slice(0, half), text.slice(half)]
}

async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 500) yield bytes.subarray(start, start + 500)
}

async function drained(chunks: AsyncIterable<unknown>): Promise<undefined> {
  for await (const _ of chunks);
}

function run(program: string, ...options: string[]): Buffer {
  return execFileSync(program, options, { maxBuffer: 1 << 26 })
}

function pack(input: Buffer, program: string, ...options: string[]): Buffer {
  return execFileSync(program, options, { input })
}
