import { execFileSync } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { inChunks } from '../archive/chunks.fixture.ts'
import { buildRpms, type RpmRecipe } from './build-rpms.fixture.ts'
import { type HandmadeTag, packageBytesOf } from './header.fixture.ts'
import { packageOf } from './package.ts'
import { readRpm } from './package-file.ts'
import { writeFragments } from './write-fragments.ts'

interface Metadata {
  primary: string
  filelists: string
  other: string
}

const fileTime = 1_795_000_000
const parts = ['primary', 'filelists', 'other'] as const

const dependencies = [
  'Provides: virtual = 2:1.0-3, bare, /usr/bin/provided',
  'Requires: foo, foo >= 1.0, foo < 1:2.0-1, bar = 3:1.0~rc1^git1-2, virtual = 2:1.0-3, /etc/all.conf, /usr/share/x',
  'Requires(pre): foo, pre-only',
  'Requires(post): /bin/sh, post-only > 1',
  'Requires(preun): preun-only',
  'Requires(postun): foo',
  'Requires(pretrans): pretrans-only',
  'Requires(meta): meta-only',
  'Requires: (a >= 1 if (b or c) else d), (e with f < 2)',
  'Requires: libc.so.6()(64bit), libc.so.6(GLIBC_2.2.5)(64bit), libc.so.6(GLIBC_2.34)(64bit), libc.so.6(GLIBC_2.4)(64bit)',
  'Conflicts: old < 1, (x or y), (g unless h)',
  'Obsoletes: older <= 2-1, oldest',
  'Recommends: r1, r2 >= 1',
  'Suggests: s1 = 1-1',
  'Supplements: (p1 and p2), p3',
  'Enhances: e1',
]
const scripts = {
  '%pre': 'true',
  '%post -p <lua>': 'print(1)',
  '%preun': 'true',
  '%postun -p /sbin/ldconfig': '',
  '%pretrans': 'true',
  '%posttrans': 'true',
  '%verifyscript': 'true',
  '%triggerin -- foo < 2, bar': 'true',
  '%triggerpostun -- foo': 'true',
  '%filetriggerin -- /usr/lib, /opt': 'true',
  '%transfiletriggerun -P 10 -- /usr/share': 'true',
}
const recipes: RpmRecipe[] = [
  {
    name: 'all',
    epoch: 2,
    version: '1.0~rc1^git2',
    release: '3.el9_4',
    arch: 'native',
    summary: ' a <b> & "c" \'d\' gr\xc3\xbc\xc3\x9fe ',
    description: 'First.\n\n  Second \xe2\x82\xac & \xf0\x9f\x98\x80 <tag>\tTab.\n',
    preamble: [
      ...dependencies,
      'Vendor: J\xc3\xb6rg & sons',
      'Packager: <p@example.org>',
      'URL: https://x.example.org/?a&b',
    ],
    sections: scripts,
    files: {
      '/etc/all.conf': 'x',
      '/usr/bin/all': Buffer.alloc(100_000, 'x'),
      '/usr/lib/sendmail': 'x',
      '/usr/share/all/empty': '',
      '/usr/share/all/name <with> & "signs" \'here\'': 'x',
      '/usr/share/all/robin/x': 'x',
    },
    fileList: [
      '%config(noreplace) /etc/all.conf',
      '%caps(cap_net_raw=ep) /usr/bin/all',
      '%attr(755,root,root) /usr/lib/sendmail',
      '%dir /usr/share/all',
      '/usr/share/all/*',
      '/usr/share/links',
      '%ghost /var/log/all.log',
      '%ghost %dir /var/lib/all',
      '%license /usr/share/all/empty',
    ],
  },
  { name: 'bare' },
  {
    name: 'latin',
    summary: 'caf\xe9 \x80\x9f',
    preamble: ['Vendor: J\xf6rg'],
    files: { '/usr/bin/caf\xe9': 'x' },
  },
  {
    name: 'in-sbin',
    preamble: ['Requires: /usr/sbin/in-sbin, /usr/share/in-sbin'],
    files: { '/usr/sbin/in-sbin': 'x', '/usr/share/in-sbin': 'x' },
  },
]
const changelog = [
  ...Array.from({ length: 12 }, (_, i) => [
    `* Mon Nov 02 2026 One ${i} <one@example.org> - 1.0-${i}  `,
    `- same day ${i}`,
  ]),
  ['* Sun Nov 01 2026 Zo\xc3\xab "Z" <zoe@example.org>', '- earlier & <more>'],
].flat()

function prepare(root: string): void {
  mkdirSync(join(root, 'usr/share/links'))
  symlinkSync('../all', join(root, 'usr/share/links/symbolic'))
  linkSync(join(root, 'usr/bin/all'), join(root, 'usr/share/links/hard'))
}

const options = { head: ['ModularityLabel: stream:1:2:c0ffee'], changelog: changelog.join('\n'), prepare }

describe('the metadata of a package that rpmbuild makes', () => {
  const packages = new Map([
    ...buildRpms(recipes, { ...options, withSource: true }),
    ...buildRpms([{ name: 'zstd', files: { '/x': 'x' } }], { payload: 'w3.zstdio' }),
    ...buildRpms([{ name: 'xz', files: { '/x': 'x' } }], { payload: 'w3.xzdio' }),
    ...buildRpms([], { sources: { 'secret.tar': 'x' }, head: ['NoSource: 0'], withSource: true }),
  ])
  const theirs = createrepo(packages)

  it.each([...packages])('%s is byte for byte what createrepo_c writes', async (name, bytes) => {
    expect(await fragmentsOf(name, bytes)).toEqual(theirs.get(digestOf(bytes)))
  })

  it('keeps as many changelog entries as it is told to', async () => {
    const all = createrepo(packages, '--changelog-limit', '3')
    for (const [name, bytes] of packages)
      expect(await fragmentsOf(name, bytes, 3)).toEqual(all.get(digestOf(bytes)))
  })

  it('names another base', async () => {
    const [[name, bytes]] = [...packages] as [[string, Buffer]]
    for (const base of ['https://mirror.example.org/a?b&c', '/srv/packages', '']) {
      const based = createrepo(packages, '--baseurl', base).get(digestOf(bytes))
      expect(await fragmentsOf(name, bytes, undefined, base)).toEqual(based)
    }
  })
})

describe('the metadata of any package', () => {
  it('are what createrepo_c writes, or refuses to', async () => {
    const packages = new Map(
      fc
        .sample(fc.array(handmade, { minLength: 1500, maxLength: 1500 }), 1)[0]!
        .map((tags, i) => [`${i}.rpm`, packageBytesOf(tags)]),
    )
    const theirs = createrepo(packages)
    for (const [name, bytes] of packages) {
      const ours = await fragmentsOf(name, bytes).catch(error => {
        expect(error).toMatchObject({
          code: 'invalid',
          message: expect.stringContaining('control characters'),
        })
        return undefined
      })
      expect([name, ours]).toEqual([name, theirs.get(digestOf(bytes))])
    }
    expect(theirs.size).toBeGreaterThan(500)
    expect(theirs.size).toBeLessThan(packages.size)
  })
})

async function fragmentsOf(
  name: string,
  bytes: Buffer,
  changelogLimit?: number,
  base?: string,
): Promise<Metadata> {
  const file = await readRpm(inChunks(bytes, 1 << 16), name)
  const { headerStart, headerEnd } = file
  const place = {
    href: name,
    base,
    pkgid: digestOf(bytes),
    size: bytes.length,
    fileTime,
    headerStart,
    headerEnd,
  }
  const { primary, filelists, other } = writeFragments(packageOf(file, name), place, changelogLimit)
  return {
    primary: primary.toString('latin1'),
    filelists: filelists.toString('latin1'),
    other: other.toString('latin1'),
  }
}

/** What the real createrepo_c writes of each package, by its digest; nothing of those that it refuses. */
function createrepo(packages: Map<string, Buffer>, ...args: string[]): Map<string, Metadata> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-createrepo-'))
  try {
    for (const [name, bytes] of packages) {
      writeFileSync(join(directory, name), bytes)
      utimesSync(join(directory, name), fileTime, fileTime)
    }
    execFileSync('createrepo_c', ['--no-database', '--simple-md-filenames', ...args, directory], {
      stdio: 'ignore',
    })
    const [primary, filelists, other] = parts.map(part => {
      const bytes = gunzipSync(readFileSync(join(directory, 'repodata', `${part}.xml.gz`)))
      return bytes.toString('latin1').match(/<package .*?<\/package>(?=\n)/gs) ?? []
    })
    return new Map(
      primary!.map((text, i) => [
        /pkgid="YES">([0-9a-f]{64})</.exec(text)![1]!,
        { primary: text, filelists: filelists![i]!, other: other![i]! },
      ]),
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const sign = fc.constantFrom(
  ...['a', 'B', '7', ' ', '<', '>', '&', '"', "'", '\n', '\t', '\r', '\x7f'],
  // UTF-8, UTF-8 of what XML does not allow, and bytes that are neither.
  ...[
    '\xc3\xa9',
    '\xe2\x82\xac',
    '\xf0\x9f\x98\x80',
    '\xed\xa0\x80',
    '\xef\xbf\xbf',
    '\xf7\xbf\xbf\xbf',
    '\xc0\x80',
  ],
  ...['\xe9', '\x80', '\xff', '\xc3'],
)
const plain = fc.string({ unit: fc.constantFrom(...'abc.-_+~^019/'), minLength: 1, maxLength: 8 })
const odd = fc.oneof(plain, fc.string({ unit: sign, minLength: 1, maxLength: 8 }))
const controlled = fc.oneof({ weight: 200, arbitrary: odd }, { weight: 1, arbitrary: fc.constant('a\x01b') })
const capability = fc.oneof(
  controlled,
  fc.constantFrom(
    ...['foo', 'bar', '/etc/a', '/usr/bin/x', '/usr/share/x', 'rpmlib(X)', '(a or b)', ''],
    ...[
      'libc.so.6',
      'libc.so.6(',
      'libc.so.6()',
      'libc.so.6()(64bit)',
      'libc.so.6(x)(64bit)',
      'libc.so.6(PRIVATE',
    ],
    ...['libc.so.6(GLIBC_2.4)', 'libc.so.6(GLIBC_2.34)(64bit)', 'libc.so.6(GLIBC_2.34)', 'libc.so.6.1'],
  ),
)
const evr = fc.oneof(
  fc.constantFrom(
    ...['', '', '1', '1-2', '0:1-2', '1:2-3-4', ':1', 'a:1', ' 3:1', '-1:2', '+:1', '1-', '-1', '1:2:3'],
  ),
  odd,
)
const sense = fc
  .tuple(
    fc.constantFrom(0, 2, 4, 6, 8, 10, 12, 14),
    fc.constantFrom(0, 0, 0, 1 << 6, 1 << 9, 1 << 10, 1 << 11, 1 << 19, 1 << 27),
  )
  .map(([comparison, more]) => comparison | more)

function listOf(name: number, flags: number, version: number): fc.Arbitrary<HandmadeTag[]> {
  return fc.array(fc.tuple(capability, sense, evr), { maxLength: 6 }).map(entries =>
    entries.length === 0
      ? []
      : [
          { tag: name, type: 8, values: entries.map(entry => entry[0]) },
          { tag: flags, type: 4, values: entries.map(entry => entry[1]) },
          { tag: version, type: 8, values: entries.map(entry => entry[2]) },
        ],
  )
}

const files = fc
  .array(fc.tuple(fc.nat(2), odd, fc.constantFrom(0o040755, 0o100644, 0o120777), fc.constantFrom(0, 1, 64)), {
    maxLength: 4,
  })
  .map((entries): HandmadeTag[] =>
    entries.length === 0
      ? []
      : [
          { tag: 1116, type: 4, values: entries.map((entry, i) => Math.min(entry[0], i)) },
          { tag: 1117, type: 8, values: entries.map(entry => entry[1]) },
          { tag: 1030, type: 3, values: entries.map(entry => entry[2]) },
          { tag: 1037, type: 4, values: entries.map(entry => entry[3]) },
          { tag: 1118, type: 8, values: ['/etc/', '/usr/bin/', '/\xe9/'].slice(0, entries.length) },
        ],
  )

const changelogs = fc
  .array(
    fc.tuple(
      fc.constantFrom(0, 5, 5, 5, 6, 2_000_000_000),
      odd.map(text => `${text}  `),
      odd,
    ),
    { maxLength: 14 },
  )
  .map((entries): HandmadeTag[] =>
    entries.length === 0
      ? []
      : [
          { tag: 1080, type: 4, values: entries.map(entry => entry[0]) },
          { tag: 1081, type: 8, values: entries.map(entry => entry[1]) },
          { tag: 1082, type: 8, values: entries.map(entry => entry[2]) },
        ],
  )

const text = (tag: number, type = 6) =>
  fc
    .option(controlled, { nil: undefined })
    .map((value): HandmadeTag[] => (value === undefined ? [] : [{ tag, type, values: [value] }]))
const number = (tag: number, type = 4) =>
  fc
    .option(fc.nat(2 ** 31 - 1), { nil: undefined })
    .map((value): HandmadeTag[] => (value === undefined ? [] : [{ tag, type, values: [value] }]))

const handmade = fc.record({
  signature: fc.tuple(number(271, 5), number(1007)).map(tags => tags.flat()),
  header: fc
    .tuple(
      ...[1000, 1001, 1002, 1022].map(tag =>
        odd.map((value): HandmadeTag[] => [{ tag, type: 6, values: [value] }]),
      ),
      ...[
        text(1004, 9),
        text(1005, 9),
        text(1016, 9),
        ...[1007, 1011, 1014, 1015, 1020, 1044].map(tag => text(tag)),
      ],
      ...[number(1003), number(1006), number(1009), number(5009, 5)],
      listOf(1047, 1112, 1113),
      listOf(1049, 1048, 1050),
      listOf(1054, 1053, 1055),
      listOf(1090, 1114, 1115),
      listOf(5046, 5048, 5047),
      listOf(5049, 5051, 5050),
      listOf(5052, 5054, 5053),
      listOf(5055, 5057, 5056),
      listOf(1156, 1158, 1157),
      listOf(1159, 1161, 1160),
      files,
      changelogs,
    )
    .map(tags => tags.flat()),
})
