import { execFileSync } from 'node:child_process'
import { linkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readAr } from '../archive/ar.ts'
import { countBytes, gather, inChunks } from '../archive/chunks.fixture.ts'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { readTar } from '../archive/tar.ts'
import { writeAr } from '../archive/write-ar.ts'
import { askAbout, buildPackage, controlOf } from './package.fixture.ts'
import { type PackageFile, readPackageFile } from './package-file.ts'

const files = {
  'DEBIAN/control': controlOf('tool'),
  'DEBIAN/conffiles': '/etc/tool.conf\n',
  'DEBIAN/md5sums': 'd41d8cd98f00b204e9800998ecf8427e  usr/bin/tool\n',
  'DEBIAN/postinst': '#!/bin/sh\n',
  'etc/tool.conf': 'setting = 1\n',
  'usr/bin/tool': Buffer.alloc(200_000, 'binary'),
}

function prepare(root: string): void {
  execFileSync('chmod', ['755', join(root, 'DEBIAN/postinst')])
  linkSync(join(root, 'usr/bin/tool'), join(root, 'usr/bin/tool-2'))
  symlinkSync('tool', join(root, 'usr/bin/t'))
}

async function readAll(deb: Uint8Array, chunkSize = 1000): Promise<{ file: PackageFile; entries: string[] }> {
  const entries: string[] = []
  const file = await readPackageFile(inChunks(deb, chunkSize), 'tool.deb', {
    entry: async ({ type, path, size, body }) => {
      entries.push(`${type} ${path} ${size} ${await countBytes(body)}`)
      return undefined
    },
  })
  return { file, entries }
}

function invalid(reason: string) {
  return { code: 'invalid', message: expect.stringMatching(`^tool.deb .*${reason}`) }
}

async function membersOf(deb: Buffer): Promise<Map<string, Buffer>> {
  const members = new Map<string, Buffer>()
  for await (const { name, body } of readAr(inChunks(deb), 'tool.deb')) members.set(name, await gather(body))
  return members
}

describe.each(['-Zgzip', '-Zxz', '-Zzstd', '-Znone'])('a package that dpkg-deb builds with %s', option => {
  const deb = buildPackage({ files, prepare, options: [option] })

  it('has the control archive that dpkg-deb shows', async () => {
    const { file } = await readAll(deb)
    expect(file.control.toString()).toBe(files['DEBIAN/control'])
    expect(file.control.toString()).toBe(askAbout(deb, 'dpkg-deb', '-f').toString())
    expect(file.conffiles?.toString()).toBe('/etc/tool.conf\n')
    expect(file.md5sums?.toString()).toBe(files['DEBIAN/md5sums'])
  })

  it('has the entries that dpkg-deb --fsys-tarfile gives', async () => {
    const tape = askAbout(deb, 'dpkg-deb', '--fsys-tarfile')
    const theirs: string[] = []
    for await (const { type, path, size } of readTar(inChunks(tape), { object: 'tape' }))
      theirs.push(`${type} ${path} ${size} ${size}`)
    const { entries } = await readAll(deb, 77)
    expect(entries).toEqual(theirs)
    expect(entries).toHaveLength(askAbout(deb, 'dpkg-deb', '-c').toString().trimEnd().split('\n').length)
  })

  it('is read no further than the control archive when no entries are asked for', async () => {
    let given = 0
    async function* input() {
      for await (const chunk of inChunks(deb, 512)) {
        given += chunk.length
        yield chunk
      }
    }
    expect((await readPackageFile(input(), 'tool.deb')).control.toString()).toBe(controlOf('tool'))
    expect(given).toBeLessThan(option === '-Znone' ? 20_000 : deb.length + 1)
  })
})

describe('reading a package', () => {
  const deb = buildPackage({
    files: { 'DEBIAN/control': controlOf('tool'), 'usr/x': 'x' },
    options: ['-Zgzip'],
  })

  it('finds a cut at every byte, but for the padding at the end that dpkg does not miss either', async () => {
    const padding = [...(await membersOf(deb)).values()].at(-1)!.length % 2
    const needed = deb.length - padding
    expect(askAbout(deb.subarray(0, needed), 'dpkg-deb', '-c').length).toBeGreaterThan(0)
    await expect(readAll(deb.subarray(0, needed))).resolves.toBeDefined()
    for (let length = 0; length < needed; length++)
      await expect(readAll(deb.subarray(0, length)), `${length}`).rejects.toMatchObject({ code: 'invalid' })
  })

  it('stops where it is told to', async () => {
    const seen: string[] = []
    await readPackageFile(inChunks(deb), 'tool.deb', {
      entry: async ({ path }) => {
        seen.push(path)
        return path === './usr/' ? 'stop' : undefined
      },
    })
    expect(seen).toEqual(['./', './usr/'])
  })

  it('lets errors of its caller through', async () => {
    const mine = new Error('mine')
    const reading = readPackageFile(inChunks(deb), 'tool.deb', {
      entry: async () => {
        throw mine
      },
    })
    await expect(reading).rejects.toBe(mine)
  })

  it('reads data.tar.bz2, as dpkg does', async () => {
    const members = await membersOf(deb)
    const tape = askAbout(deb, 'dpkg-deb', '--fsys-tarfile')
    const old = arOf([
      ['debian-binary', members.get('debian-binary')!],
      ['control.tar.gz', members.get('control.tar.gz')!],
      ['data.tar.bz2', execFileSync('bzip2', { input: tape })],
    ])
    expect(askAbout(old, 'dpkg-deb', '--fsys-tarfile').equals(tape)).toBe(true)
    expect((await readAll(old)).entries).toEqual((await readAll(deb)).entries)
  })

  it('passes over members with an underscore and those behind data.tar', async () => {
    const [version, control, data] = [...(await membersOf(deb))] as [string, Buffer][]
    const extra: [string, Buffer] = ['_gpgorigin', Buffer.from('signature')]
    const odd = arOf([version!, extra, control!, extra, data!, ['whatever', Buffer.from('more')]])
    expect(askAbout(odd, 'dpkg-deb', '-c').length).toBeGreaterThan(0)
    expect((await readAll(odd)).entries).toEqual((await readAll(deb)).entries)
  })

  it('takes minor versions, as dpkg does', async () => {
    const [, control, data] = [...(await membersOf(deb))] as [string, Buffer][]
    const newer = arOf([['debian-binary', Buffer.from('2.1\nmore\n')], control!, data!])
    await expect(readAll(newer)).resolves.toBeDefined()
  })

  it('bounds what data.tar may hold', async () => {
    const reading = readPackageFile(inChunks(deb), 'tool.deb', {
      entry: async () => undefined,
      maxDataBytes: 1000,
    })
    await expect(reading).rejects.toMatchObject(invalid('more than the 1000 bytes'))
  })
})

describe('refusing a package', () => {
  const version: [string, Buffer] = ['debian-binary', Buffer.from('2.0\n')]
  const control: [string, Buffer] = ['control.tar', tape({ control: controlOf('tool') })]
  const data: [string, Buffer] = ['data.tar', tape({ x: 'x' })]

  function tape(content: { [name: string]: string }): Buffer {
    const script = Object.keys(content).map((name, i) => `printf %s "$${i + 1}" > '${name}'`)
    const command = `d=$(mktemp -d) && cd "$d" && ${script.join(' && ')} && tar -c -- *; cd / && rm -r "$d"`
    return execFileSync('sh', ['-c', command, 'sh', ...Object.values(content)])
  }

  it('not this one, made in the same way', async () => {
    await expect(readAll(arOf([version, control, data]))).resolves.toBeDefined()
  })

  it('with an endless control file', async () => {
    const endless = Buffer.concat([tape({ control: '' }).subarray(0, 512), Buffer.alloc(2 ** 21, ' ')])
    endless.write('00010000000\0', 124)
    endless.write('        ', 148)
    const sum = endless.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    endless.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    await expect(readAll(arOf([version, ['control.tar', endless], data]))).rejects.toMatchObject(
      invalid('larger than'),
    )
  })

  it.each<[string, [string, Uint8Array][], string]>([
    ['that is empty', [], 'no control.tar'],
    ['that begins with something else', [control, version, data], 'first member is not debian-binary'],
    ['of format 3', [['debian-binary', Buffer.from('3.0\n')], control, data], 'format version'],
    ['of no format', [['debian-binary', Buffer.from('')], control, data], 'format version'],
    ['without control', [version, data], 'control.tar was expected'],
    ['without data', [version, control], 'no data.tar'],
    ['with data before control', [version, data, control], 'control.tar was expected'],
    [
      'with an unknown compression',
      [version, control, ['data.tar.lz4', Buffer.from('')]],
      'data.tar was expected',
    ],
    [
      'compressed with lzma',
      [version, control, ['data.tar.lzma', Buffer.from('')]],
      'lzma, which is not supported',
    ],
    [
      'with control in bzip2',
      [version, ['control.tar.bz2', Buffer.from('')], data],
      'cannot be compressed with bzip2',
    ],
    ['without a control file', [version, ['control.tar', tape({ md5sums: '' })], data], 'no file control'],
    [
      'with garbage as control',
      [version, ['control.tar.gz', Buffer.from('garbage')], data],
      'cannot be decompressed',
    ],
    [
      'with garbage as data',
      [version, control, ['data.tar.xz', Buffer.from('garbage')]],
      'cannot be decompressed',
    ],
    ['with two control files', [version, ['control.tar', twice(control[1])], data], 'control twice'],
  ])('%s', async (_, members, reason) => {
    await expect(readAll(arOf(members))).rejects.toMatchObject(invalid(reason))
  })

  function twice(archive: Buffer): Buffer {
    const entry = archive.subarray(0, 1024)
    return Buffer.concat([entry, entry, Buffer.alloc(1024)])
  }

  it('throws nothing but YardErrors on damaged ones', async () => {
    const seeds = ['-Zgzip', '-Zxz', '-Zzstd', '-Znone'].map(option =>
      buildPackage({ files: { 'DEBIAN/control': controlOf('tool'), 'usr/x': 'x' }, options: [option] }),
    )
    await expectOnlyYardErrors(seeds, readAll)
  })
})

function arOf(members: [name: string, body: Uint8Array][]): Buffer {
  return writeAr(members, 0)
}
