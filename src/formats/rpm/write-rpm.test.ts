import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { packageOf } from './package.ts'
import { readRpm } from './package-file.ts'
import { type RpmContent, writeRpm } from './write-rpm.ts'

const content: RpmContent = {
  name: 'probe',
  version: '1.2~rc1',
  release: '1',
  architecture: 'noarch',
  summary: 'a probe',
  description: 'a probe\nof two lines',
  license: 'Apache-2.0',
  url: 'https://yard.example.org/',
  requires: [
    { name: 'libc.so.6(GLIBC_2.28)(64bit)', flags: undefined, evr: undefined },
    { name: 'nodejs', flags: 'GE', evr: { epoch: '1', version: '24', release: undefined } },
  ],
  conflicts: [{ name: 'other', flags: undefined, evr: undefined }],
  scripts: { post: 'echo "$1"\n', preun: 'true\n' },
  entries: [
    { type: 'file', path: '/usr/bin/probe', mode: 0o755, bytes: Buffer.from('#!/bin/sh\necho probe\n') },
    { type: 'file', path: '/usr/lib/probe/a', mode: 0o640, bytes: Buffer.alloc(300_001, 'x') },
    { type: 'file', path: '/usr/lib/probe/empty', mode: 0o644, bytes: Buffer.alloc(0) },
    { type: 'symlink', path: '/usr/bin/other', target: 'probe' },
    { type: 'directory', path: '/usr/lib/probe', mode: 0o755 },
    { type: 'directory', path: '/var/lib/probe', mode: 0o700 },
  ],
  time: 1_700_000_000,
}

describe('a package that rpm reads', () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-write-rpm-'))
  const root = join(directory, 'root')
  const file = join(directory, 'probe.rpm')
  afterAll(() => rmSync(directory, { recursive: true }))
  const rpm = (...args: string[]) => execFileSync('rpm', args, { stdio: 'pipe' }).toString()

  it('has the digests that rpm computes', async () => {
    writeFileSync(file, await writeRpm(content))
    expect(rpm('-Kv', file).split('\n').slice(1, -1)).toEqual([
      '    Header SHA256 digest: OK',
      '    Payload SHA256 digest: OK',
    ])
  })

  it('is told as it was written', () => {
    const format = (text: string) => rpm('-qp', '--qf', text, file)
    expect(format('%{NEVRA} %{OS} %{SUMMARY}|%{DESCRIPTION}|%{LONGSIZE} %{PAYLOADCOMPRESSOR}')).toBe(
      'probe-1.2~rc1-1.noarch linux a probe|a probe\nof two lines|308219 zstd',
    )
    expect(rpm('-qp', '--requires', file).split('\n')).toEqual(
      expect.arrayContaining([
        'libc.so.6(GLIBC_2.28)(64bit)',
        'nodejs >= 1:24',
        'rpmlib(PayloadIsZstd) <= 5.4.18-1',
      ]),
    )
    expect(rpm('-qp', '--provides', '--conflicts', file)).toBe('probe = 1.2~rc1-1\nother\n')
    expect(rpm('-qp', '--scripts', file)).toBe(
      'postinstall scriptlet (using /bin/sh):\necho "$1"\n\npreuninstall scriptlet (using /bin/sh):\ntrue\n\n',
    )
  })

  it('is installed, verified and removed in a root', () => {
    const inRoot = (...args: string[]) => rpm('--root', root, '--dbpath', '/db', ...args)
    mkdirSync(root)
    inRoot('-i', '--nodeps', '--noscripts', file)
    expect(readFileSync(join(root, 'usr/lib/probe/a'), 'latin1')).toBe('x'.repeat(300_001))
    const mode = (path: string) => (lstatSync(join(root, path)).mode & 0o7777).toString(8)
    expect(['usr/bin/probe', 'usr/lib/probe/a', 'var/lib/probe'].map(mode)).toEqual(['755', '640', '700'])
    expect(execFileSync('readlink', [join(root, 'usr/bin/other')]).toString()).toBe('probe\n')
    expect(inRoot('-V', '--nodeps', '--noscripts', 'probe')).toBe('')
    inRoot('-e', '--noscripts', 'probe')
    expect(existsSync(join(root, 'usr/lib/probe'))).toBe(false)
  })

  it('is what our own reader reads, digests and all', async () => {
    const bytes = readFileSync(file)
    const read = await readRpm(chunks(bytes), 'probe.rpm', { payload: true })
    expect(read.verified).toEqual({ header: ['sha256'], payload: ['sha256'] })
    expect(packageOf(read, 'probe.rpm')).toMatchObject({ name: 'probe', version: '1.2~rc1' })
  })

  it('has the same bytes every time, whatever the order of its entries', async () => {
    const again = await writeRpm({ ...content, entries: content.entries.toReversed() })
    expect(again.equals(readFileSync(file))).toBe(true)
  })
})

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
