import { randomBytes } from 'node:crypto'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inChunks } from '../archive/chunks.fixture.ts'
import { buildPackage, controlOf } from './package.fixture.ts'
import { readChangelog } from './package-changelog.ts'

const documents = 'usr/share/doc/tool'
const debian = 'tool (1.0-1) unstable; urgency=low\n\n  * Packaged.\n'
const upstream = 'version 1.0: first\n'

function packageWith(files: { [path: string]: string | Buffer }, prepare?: (root: string) => void): Buffer {
  const all = { 'DEBIAN/control': controlOf('tool'), ...files }
  return buildPackage({ files: all, ...(prepare === undefined ? {} : { prepare }) })
}

async function changelogOf(deb: Buffer): Promise<string | undefined> {
  return (await readChangelog(inChunks(deb, 4096), 'tool'))?.toString()
}

/** A package's md5sums for these paths; nobody compares the sums here. */
function sumsOf(...paths: string[]): string {
  return paths.map(path => `d41d8cd98f00b204e9800998ecf8427e  ${path}\n`).join('')
}

describe("reading a package's changelog", () => {
  it("prefers Debian's to upstream's, with and without md5sums", async () => {
    const files = {
      [`${documents}/changelog.gz`]: gzipSync(upstream),
      [`${documents}/changelog.Debian.gz`]: gzipSync(debian),
    }
    expect(await changelogOf(packageWith(files))).toBe(debian)
    const md5sums = sumsOf(...Object.keys(files))
    expect(await changelogOf(packageWith({ ...files, 'DEBIAN/md5sums': md5sums }))).toBe(debian)
  })

  it('takes changelog.gz of a native package', async () => {
    expect(await changelogOf(packageWith({ [`${documents}/changelog.gz`]: gzipSync(debian) }))).toBe(debian)
  })

  it('takes one that is not compressed', async () => {
    expect(await changelogOf(packageWith({ [`${documents}/changelog.Debian`]: debian }))).toBe(debian)
  })

  it.each([
    ['without documentation', { 'usr/bin/tool': 'x' }, undefined],
    ["with another package's", { 'usr/share/doc/other/changelog.Debian.gz': gzipSync(debian) }, undefined],
    ['whose directory is a link', {}, (root: string) => symlinkSync('other', join(root, documents))],
    [
      'whose changelog is a link',
      { [`${documents}/copyright`]: 'x' },
      (root: string) => symlinkSync('../other/changelog.gz', join(root, documents, 'changelog.gz')),
    ],
  ])('finds none in a package %s', async (_, files, prepare) => {
    const deb = packageWith(files, root => {
      mkdirSync(join(root, 'usr/share/doc'), { recursive: true })
      prepare?.(root)
    })
    expect(await changelogOf(deb)).toBeUndefined()
  })

  it('reads no further than the changelog, and nothing when md5sums has none', async () => {
    const bulk = { 'usr/share/zzz': randomBytes(500_000) }
    const found = packageWith({
      ...bulk,
      [`${documents}/changelog.gz`]: gzipSync(debian),
      'DEBIAN/md5sums': sumsOf(`${documents}/changelog.gz`),
    })
    const none = packageWith({ ...bulk, 'DEBIAN/md5sums': sumsOf('usr/share/zzz') })
    for (const deb of [found, none]) {
      let given = 0
      async function* input() {
        for await (const chunk of inChunks(deb, 4096)) {
          given += chunk.length
          yield chunk
        }
      }
      await readChangelog(input(), 'tool')
      expect(given).toBeLessThan(300_000)
    }
  })

  it('gives the first 4 MiB of a changelog without end', async () => {
    const endless = gzipSync(Buffer.alloc(50_000_000, debian))
    const text = await changelogOf(packageWith({ [`${documents}/changelog.gz`]: endless }))
    expect(text).toHaveLength(4 * 1024 * 1024)
  })

  it('refuses one that is damaged', async () => {
    const deb = packageWith({ [`${documents}/changelog.gz`]: gzipSync(debian).subarray(0, -5) })
    await expect(changelogOf(deb)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('package tool (./usr/share/doc/tool/changelog.gz)'),
    })
  })
})
