import { describe, expect, it } from 'vitest'
import type { UploadsConfiguration } from '../../config/index.ts'
import { buildRpms, type RpmRecipe } from '../../formats/rpm/build-rpms.fixture.ts'
import { digestOf } from '../../model/index.ts'
import { decodePackageKey } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { rpmUploads } from './rpm.ts'

const context = { keyring: async () => undefined, now: () => 0 } as unknown as RepositoryContext
const read = async (bytes: Buffer, architectures: string[] = []) => {
  const repository = { kind: 'uploads', name: 'ours', architectures } as unknown as UploadsConfiguration
  const chunks = (async function* () {
    yield bytes
  })()
  return rpmUploads(context, repository).read(chunks, 'x.rpm')
}

const recipes: RpmRecipe[] = [
  { name: 'Tool', epoch: 2, version: '1.0~rc1', release: '3^git', files: { '/usr/share/tool': 'x' } },
  { name: 'native', arch: 'native', files: { '/usr/bin/native': 'x' } },
]
const built = buildRpms(recipes, {
  withSource: true,
  sources: { 'source.tar': 'x' },
  head: ['NoSource: 0'],
})

describe('an uploaded .rpm', () => {
  it('lies under the name that rpmbuild gives it, below its first letter', async () => {
    const paths = await Promise.all([...built.values()].map(async bytes => (await read(bytes)).path))
    expect(paths).toEqual([...built.keys()].map(name => `Packages/${name[0]!.toLowerCase()}/${name}`))
    expect(paths).toContainEqual(expect.stringMatching(/\.nosrc\.rpm$/))
  })

  it('has an entry for each document, under one identity', async () => {
    const [name, bytes] = [...built].find(([name]) => name.startsWith('Tool'))!
    const found = await read(bytes)
    const file = { sha256: digestOf(bytes), size: bytes.length }
    const entries = found.entries(file, 'somewhere/else.rpm')
    expect(name).toBe('Tool-1.0~rc1-3^git.noarch.rpm')
    expect(entries.map(({ key }) => decodePackageKey(key))).toEqual(
      ['rpm', 'rpm-filelists', 'rpm-other'].map(family => ({
        family,
        suite: '',
        component: '',
        architecture: 'noarch',
        name: 'Tool',
        version: '2:1.0~rc1-3^git',
        digest: file.sha256,
      })),
    )
    const primary = Buffer.from(entries[0]!.value).toString()
    expect(primary).toContain('<location href="somewhere/else.rpm"/>')
    const [, fileTime, buildTime] = /<time file="(\d+)" build="(\d+)"\/>/.exec(primary)!
    expect(fileTime).toBe(buildTime)
  })

  it('is taken for the architectures that are configured, neutral ones always', async () => {
    const named = (part: string) => [...built].find(([name]) => name.includes(part))![1]
    await expect(read(named('native'), ['aarch64'])).rejects.toMatchObject({ code: 'refused' })
    await expect(read(named('nosrc'), ['x86_64'])).rejects.toThrow(/its architecture is src/)
    expect(await read(named('nosrc'), ['x86_64', 'src'])).toMatchObject({ architecture: 'src' })
    expect(await read(named('Tool'), ['aarch64'])).toMatchObject({ architecture: 'noarch' })
  })
})
