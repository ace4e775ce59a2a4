import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { inChunks } from '../archive/chunks.fixture.ts'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { buildRpm, buildRpms } from './build-rpms.fixture.ts'
import { type HandmadePackage, packageBytesOf } from './header.fixture.ts'
import { packageOf } from './package.ts'
import { readRpm } from './package-file.ts'
import { askAboutRpm } from './rpm-query.fixture.ts'
import { signaturesOf } from './signatures.ts'
import { signatureTags, tags } from './tags.ts'
import { writeFragments } from './write-fragments.ts'
import { writeHeader } from './write-header.ts'

const recipe = {
  name: 'tool',
  epoch: 1,
  files: { '/usr/bin/tool': 'x'.repeat(300_000) },
  preamble: ['Requires: (a if b)'],
  sections: { '%post': 'echo', '%triggerin -- a': 'echo' },
}
const tool = buildRpm(recipe)
const least: HandmadePackage = { header: [{ tag: 1000, type: 6, values: ['tool'] }] }

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function invalid(reason: string) {
  return { code: 'invalid', message: expect.stringMatching(`^tool.rpm is no valid RPM package: .*${reason}`) }
}

describe.each([
  ['w6.gzdio', 'gzip'],
  ['w3.xzdio', 'xz'],
  ['w3.zstdio', 'zstd'],
  ['w6.bzdio', 'bzip2'],
])('a package that rpmbuild writes with %s', (payload, compressor) => {
  const bytes = buildRpm(recipe, { payload })

  it('has its payload where its headers end', async () => {
    const file = await readRpm(inChunks(bytes, 77), 'tool.rpm')
    expect(file.payload).toMatchObject({ compressor, format: 'cpio', offset: file.headerEnd })
    expect(file.payload.digests).toEqual([
      { algorithm: 'sha256', digest: sha256(bytes.subarray(file.headerEnd)) },
    ])
  })

  it('is verified, header and payload', async () => {
    const { verified } = await readRpm(inChunks(bytes), 'tool.rpm', { payload: true })
    expect(verified).toEqual({ header: ['sha256', 'sha1'], payload: ['sha256'] })
    expect(askAboutRpm(bytes, 'rpmkeys', '-Kv', '--nosignature')).toContain('Payload SHA256 digest: OK')
  })
})

describe('reading a package', () => {
  it('gives lead and the bytes of both headers as they stand in the file', async () => {
    const file = await readRpm(inChunks(tool), 'tool.rpm')
    expect(file.lead).toEqual({ major: 3, minor: 0, type: 'binary', name: 'tool-1:1.0-1' })
    expect(tool.subarray(file.headerStart, file.headerEnd).equals(file.headerBytes)).toBe(true)
    expect(tool.subarray(96, 96 + file.signatureBytes.length).equals(file.signatureBytes)).toBe(true)
    expect(file.headerStart % 8).toBe(0)
    expect(file.signature.get(signatureTags.SHA256)).toBe(sha256(file.headerBytes))
    expect(file.verified).toBeUndefined()
  })

  it('tells source packages by their lead', async () => {
    const source = buildRpms([], { withSource: true }).get('source-1.0-1.src.rpm')!
    expect((await readRpm(inChunks(source), 'tool.rpm')).lead).toMatchObject({ type: 'source' })
  })

  it('goes no further than the headers and lets its input go', async () => {
    const large = buildRpm(
      { name: 'tool', files: { '/x': Buffer.alloc(1 << 20, 'x') } },
      { payload: 'w0.ufdio' },
    )
    let given = 0
    let isOpen = true
    async function* input() {
      try {
        for await (const chunk of inChunks(large, 512)) {
          given += chunk.length
          yield chunk
        }
      } finally {
        isOpen = false
      }
    }
    const { headerEnd } = await readRpm(input(), 'tool.rpm')
    expect(given - headerEnd).toBeLessThan(512)
    expect(isOpen).toBe(false)
  })

  it('reads packages of rpm 3, which have no compressor, and no digests', async () => {
    const file = await readRpm(inChunks(packageBytesOf(least)), 'tool.rpm', { payload: true })
    expect(file.payload).toMatchObject({ compressor: 'gzip', format: 'cpio', digests: [] })
    expect(file.verified).toEqual({ header: [], payload: [] })
  })

  it("checks what rpm 6 states besides, and each of a header's digests", async () => {
    const payload = Buffer.from('payload')
    const hash = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex')
    const header = [
      ...least.header,
      { tag: tags.PAYLOADDIGEST.number, type: 8, values: [sha256(payload).toUpperCase()] },
      { tag: tags.PAYLOADDIGESTALGO.number, type: 4, values: [8] },
      { tag: tags.PAYLOADSHA512.number, type: 6, values: [hash('sha512', payload)] },
      { tag: tags.PAYLOADSHA3_256.number, type: 6, values: [hash('sha3-256', payload)] },
    ]
    const stated = (digest: string) => [{ tag: signatureTags.SHA3_256.number, type: 6, values: [digest] }]
    const signature = stated(hash('sha3-256', writeHeader(header, 63)))
    const read = (bytes: Buffer) => readRpm(inChunks(bytes), 'tool.rpm', { payload: true })
    expect((await read(packageBytesOf({ signature, header, payload }))).verified).toEqual({
      header: ['sha3-256'],
      payload: ['sha3-256', 'sha512', 'sha256'],
    })
    const wrong = packageBytesOf({ signature: stated('0'.repeat(64)), header, payload })
    await expect(read(wrong)).rejects.toMatchObject(invalid("its main header's sha3-256 is"))
    const other = packageBytesOf({ signature, header, payload: Buffer.from('another') })
    await expect(read(other)).rejects.toMatchObject(invalid("its payload's sha3-256 is .*, not "))
  })

  it('passes over a digest of an algorithm that nobody knows', async () => {
    const header = [
      ...least.header,
      { tag: tags.PAYLOADDIGEST.number, type: 8, values: ['00'] },
      { tag: tags.PAYLOADDIGESTALGO.number, type: 4, values: [99] },
    ]
    expect((await readRpm(inChunks(packageBytesOf({ header })), 'tool.rpm')).payload.digests).toEqual([])
  })
})

describe('refusing a package', () => {
  it('that is cut off anywhere in its headers', async () => {
    const { headerEnd } = await readRpm(inChunks(tool), 'tool.rpm')
    for (let length = 0; length < headerEnd; length++)
      await expect(
        readRpm(inChunks(tool.subarray(0, length)), 'tool.rpm'),
        `${length}`,
      ).rejects.toMatchObject({
        code: 'invalid',
      })
    await expect(readRpm(inChunks(tool.subarray(0, headerEnd)), 'tool.rpm')).resolves.toBeDefined()
  })

  it('whose payload is cut off, or changed', async () => {
    const cut = readRpm(inChunks(tool.subarray(0, -1)), 'tool.rpm', { payload: true })
    await expect(cut).rejects.toMatchObject(invalid("its payload's sha256 is"))
    const changed = Buffer.from(tool)
    changed[changed.length - 9]! ^= 1
    const reading = readRpm(inChunks(changed), 'tool.rpm', { payload: true })
    await expect(reading).rejects.toMatchObject(invalid("its payload's sha256 is"))
  })

  it('whose header was changed without breaking it', async () => {
    const changed = Buffer.from(tool)
    const { headerStart } = await readRpm(inChunks(tool), 'tool.rpm')
    changed.write('fool', changed.indexOf('tool\0', headerStart))
    await expect(readRpm(inChunks(changed), 'tool.rpm')).resolves.toBeDefined()
    const reading = readRpm(inChunks(changed), 'tool.rpm', { payload: true })
    await expect(reading).rejects.toMatchObject(invalid("its main header's sha256 is"))
  })

  it.each<[string, (bytes: Buffer) => unknown, string]>([
    ['of something else', bytes => bytes.write('PK'), 'it does not begin as one'],
    ['of version 2', bytes => bytes.writeUInt8(2, 4), "its lead's version is 2"],
    ['of version 5', bytes => bytes.writeUInt8(5, 4), "its lead's version is 5"],
    ['with a signature that is no header', bytes => bytes.writeUInt16BE(1, 78), "its signature's type is 1"],
    [
      'without a signature header',
      bytes => bytes.writeUInt8(0, 96),
      'its signature header: it does not begin',
    ],
    [
      'of an endless signature',
      bytes => bytes.writeUInt32BE(1 << 30, 108),
      'its signature header: 1073741824 bytes',
    ],
  ])('%s', async (_, damage, reason) => {
    const bytes = Buffer.from(tool)
    damage(bytes)
    await expect(readRpm(inChunks(bytes), 'tool.rpm')).rejects.toMatchObject(invalid(reason))
  })

  it('takes no more memory than there are bytes, whatever a header says', async () => {
    const bytes = Buffer.from(tool)
    bytes.writeUInt32BE(64 * 1024 * 1024, 108)
    await expect(readRpm(inChunks(bytes), 'tool.rpm')).rejects.toMatchObject(
      invalid(`it ends at byte ${bytes.length}, [0-9]+ bytes before its signature header does`),
    )
  })

  it('throws nothing but YardErrors on damaged ones, however they are used', async () => {
    const seeds = [
      tool,
      buildRpms([], { withSource: true }).get('source-1.0-1.src.rpm')!,
      packageBytesOf(least),
    ]
    const use = async (bytes: Buffer) => {
      const file = await readRpm(inChunks(bytes), 'tool.rpm')
      signaturesOf(file, 'tool.rpm')
      const { headerStart, headerEnd } = file
      const place = { href: 'tool.rpm', pkgid: sha256(bytes) as never, size: bytes.length, fileTime: 0 }
      writeFragments(packageOf(file, 'tool.rpm'), { ...place, headerStart, headerEnd })
    }
    await expectOnlyYardErrors(seeds, use, 3000)
  })
})
