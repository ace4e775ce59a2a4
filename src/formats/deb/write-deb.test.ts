import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gather } from '../archive/chunks.fixture.ts'
import type { PackedEntry } from '../archive/packed-entry.ts'
import { readTar } from '../archive/tar.ts'
import { writeTar } from '../archive/write-tar.ts'
import { askAbout } from './package.fixture.ts'
import { readPackageFile } from './package-file.ts'
import { type DebContent, writeDeb } from './write-deb.ts'

const deep = `/usr/lib/probe/${'d'.repeat(60)}/${'e'.repeat(60)}/file`
const content: DebContent = {
  control: [
    ['Package', 'probe'],
    ['Version', '1.2~rc1'],
    ['Architecture', 'all'],
    ['Maintainer', 'Nobody <nobody@example.org>'],
    ['Description', 'a probe\n of two lines'],
  ],
  scripts: { postinst: '#!/bin/sh\nset -e\n[ "$1" = configure ] && echo ran >"$DPKG_ROOT/ran"\n' },
  entries: [
    { type: 'file', path: '/usr/bin/probe', mode: 0o755, bytes: Buffer.from('#!/bin/sh\necho probe\n') },
    { type: 'file', path: deep, mode: 0o640, bytes: Buffer.alloc(3000, 'x') },
    { type: 'symlink', path: '/usr/bin/other', target: 'probe' },
    { type: 'directory', path: '/var/lib/probe', mode: 0o700 },
  ],
  time: 1_700_000_000,
}

describe('a package that dpkg installs', () => {
  const root = mkdtempSync(join(tmpdir(), 'switchyard-write-deb-'))
  afterAll(() => rmSync(root, { recursive: true }))
  const dpkg = (...args: string[]) =>
    execFileSync('dpkg', [`--root=${root}`, '--force-script-chrootless', '--log=/dev/null', ...args], {
      stdio: 'pipe',
    }).toString()

  beforeAll(async () => {
    mkdirSync(join(root, 'var/lib/dpkg/info'), { recursive: true })
    mkdirSync(join(root, 'var/lib/dpkg/updates'))
    writeFileSync(join(root, 'var/lib/dpkg/status'), '')
    writeFileSync(join(root, 'probe.deb'), await writeDeb(content))
    dpkg('-i', join(root, 'probe.deb'))
  })

  it('lies on the disk as it was described', () => {
    expect(readFileSync(join(root, deep), 'latin1')).toBe('x'.repeat(3000))
    const mode = (path: string) => (lstatSync(join(root, path)).mode & 0o7777).toString(8)
    expect(['/usr/bin/probe', deep, '/var/lib/probe', '/usr/lib'].map(mode)).toEqual([
      '755',
      '640',
      '700',
      '755',
    ])
    expect(execFileSync('readlink', [join(root, 'usr/bin/other')]).toString()).toBe('probe\n')
    expect(lstatSync(join(root, 'usr/bin/probe'))).toMatchObject({ uid: 0, gid: 0, mtimeMs: 1.7e12 })
  })

  it('has run its script', () => expect(existsSync(join(root, 'ran'))).toBe(true))

  it('is what dpkg verifies afterwards, until a file changes', () => {
    expect(dpkg('--verify', 'probe')).toBe('')
    writeFileSync(join(root, 'usr/bin/probe'), 'changed')
    expect(dpkg('--verify', 'probe')).toMatch(/\?\?5\?+\s+\/usr\/bin\/probe/)
  })

  it('is removed whole', () => {
    dpkg('--purge', 'probe')
    expect(existsSync(join(root, 'usr/bin'))).toBe(false)
  })
})

describe('the file of a package', () => {
  it('is told by dpkg-deb as it was written', async () => {
    const deb = await writeDeb(content)
    const fields = askAbout(deb, 'dpkg-deb', '-f').toString()
    expect(fields).toBe(
      'Package: probe\nVersion: 1.2~rc1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: a probe\n of two lines\nInstalled-Size: 14\n',
    )
    expect(askAbout(deb, 'dpkg-deb', '-c').toString()).toMatch(
      /^lrwxrwxrwx root\/root .* \.\/usr\/bin\/other -> probe$/m,
    )
  })

  it('is what our own reader reads', async () => {
    const paths: string[] = []
    const file = await readPackageFile(bytesOf(await writeDeb(content)), 'probe.deb', {
      entry: async entry => void paths.push(entry.path),
    })
    expect(file.md5sums?.toString()).toMatch(/^[0-9a-f]{32} {2}usr\/bin\/probe$/m)
    expect(paths).toContain(`.${deep}`)
  })

  it('has the same bytes every time, whatever the order of its entries', async () => {
    const again = await writeDeb({ ...content, entries: content.entries.toReversed() })
    expect(again.equals(await writeDeb(content))).toBe(true)
  })
})

describe('a tar archive', () => {
  it('is read as it was written', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 8 }),
        async entries => {
          const found: unknown[] = []
          for await (const { path, type, mode, target, body } of readTar(bytesOf(writeTar(entries, 1)), {
            object: 'it',
          }))
            found.push({ path, type, mode, target, bytes: (await gather(body)).toString('latin1') })
          expect(found.slice(1)).toEqual(
            entries.map(entry => ({
              path: `.${entry.path}${entry.type === 'directory' ? '/' : ''}`,
              type: entry.type,
              mode: entry.type === 'symlink' ? 0o777 : entry.mode,
              target: entry.type === 'symlink' ? entry.target : undefined,
              bytes: entry.type === 'file' ? Buffer.from(entry.bytes).toString('latin1') : '',
            })),
          )
        },
      ),
    ))

  it.each([
    ['a name of 101 bytes', { type: 'directory', path: `/${'x'.repeat(101)}`, mode: 0o755 }],
    ['a path of 300 bytes', { type: 'directory', path: '/xy'.repeat(100), mode: 0o755 }],
    ['a target of 101 bytes', { type: 'symlink', path: '/x', target: 'x'.repeat(101) }],
  ] satisfies [string, PackedEntry][])('refuses %s', (_, entry) => {
    expect(() => writeTar([entry], 1)).toThrow(/too long/)
  })
})

const path = fc
  .array(fc.string({ unit: fc.constantFrom(...'ab.-\xe9'), minLength: 1, maxLength: 30 }), {
    minLength: 1,
    maxLength: 6,
  })
  .map(parts => `/${parts.join('/')}`)
  .filter(path => path.length < 150)
const mode = fc.nat(0o7777)
const entry: fc.Arbitrary<PackedEntry> = fc.oneof(
  fc.record({
    type: fc.constant('file' as const),
    path,
    mode,
    bytes: fc.uint8Array({ maxLength: 1100 }),
  }),
  fc.record({ type: fc.constant('directory' as const), path, mode }),
  fc.record({
    type: fc.constant('symlink' as const),
    path,
    target: fc.string({ unit: fc.constantFrom(...'ab./'), minLength: 1, maxLength: 100 }),
  }),
)

async function* bytesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
