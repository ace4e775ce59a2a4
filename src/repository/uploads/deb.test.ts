import { describe, expect, it } from 'vitest'
import type { AptOutput, UploadsConfiguration } from '../../config/index.ts'
import { buildPackage } from '../../formats/deb/package.fixture.ts'
import { readPackageStanza } from '../../formats/index.ts'
import { digestOf } from '../../model/index.ts'
import { decodePackageKey } from '../../tree/index.ts'
import { debUploads } from './deb.ts'

const output = { format: 'apt', suite: 'ours', component: 'main' } as AptOutput
const repository = {
  kind: 'uploads',
  name: 'ours',
  architectures: ['amd64', 'arm64'],
  output,
} as unknown as UploadsConfiguration

async function read(fields: { [field: string]: string }, end = '\n') {
  const control = {
    Package: 'tool',
    Version: '1.0-1',
    Architecture: 'all',
    Maintainer: 'Nobody <n@example.org>',
    ...fields,
  }
  const text = Object.entries({ ...control, Description: 'a tool' }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const bytes = buildPackage({ files: { 'DEBIAN/control': text.join('\n') + end } })
  const format = debUploads(repository, output)
  const found = await format.read(
    (async function* () {
      yield bytes
    })(),
    'tool.deb',
  )
  const file = { sha256: digestOf(bytes), size: bytes.length }
  return { found, file, entries: found.entries(file, found.path), control: text.join('\n') }
}

describe('an uploaded .deb', () => {
  it.each([
    [{}, 'pool/main/t/tool/tool_1.0-1_all.deb'],
    [{ Version: '3:1.0+b~1-1' }, 'pool/main/t/tool/tool_1.0+b~1-1_all.deb'],
    [{ Package: 'libtool' }, 'pool/main/libt/libtool/libtool_1.0-1_all.deb'],
    [{ Source: 'wrench (2.0)' }, 'pool/main/w/wrench/tool_1.0-1_all.deb'],
    [{ Source: 'libx', Architecture: 'arm64' }, 'pool/main/libx/libx/tool_1.0-1_arm64.deb'],
  ])('%j lies at %s', async (fields, path) => {
    expect((await read(fields)).found.path).toBe(path)
  })

  it('keeps its control file byte for byte, with what an index adds behind it', async () => {
    const { entries, file, control, found } = await read(
      { Homepage: 'https://example.org/', 'X-Text': 'ä\n line' },
      '\n\n',
    )
    const stanza = entries[0]!.value as Buffer
    expect(stanza.toString()).toBe(
      `${control}\nFilename: ${found.path}\nSize: ${file.size}\nSHA256: ${file.sha256}\n`,
    )
    expect(readPackageStanza(stanza, 'ours')).toMatchObject({
      name: 'tool',
      filename: found.path,
      sha256: file.sha256,
    })
  })

  it('stands in the index of its architecture, or of each where it fits all', async () => {
    const listed = async (Architecture: string) =>
      (await read({ Architecture })).entries.map(({ key }) => decodePackageKey(key).architecture)
    expect(await listed('all')).toEqual(['amd64', 'arm64'])
    expect(await listed('arm64')).toEqual(['arm64'])
    await expect(listed('riscv64')).rejects.toMatchObject({ code: 'refused' })
  })

  it.each([
    [{ SHA256: 'x' }, /the field sha256, which only an index has/],
    [{ 'Package-Type': 'udeb' }, /installer/],
  ])('is refused with %j', async (fields, words) => {
    await expect(read(fields)).rejects.toThrow(words)
  })
})
