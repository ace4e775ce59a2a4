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
import { packageBytesOf } from './header.fixture.ts'
import { oddPackage } from './odd-packages.fixture.ts'
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
        .sample(fc.array(oddPackage, { minLength: 1500, maxLength: 1500 }), 1)[0]!
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
