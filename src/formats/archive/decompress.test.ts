import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { YardError } from '../../model/index.ts'
import { countBytes, gather, inChunks } from './chunks.fixture.ts'
import { type Compression, compressionOf, decompress, decompressAll } from './decompress.ts'
import { expectOnlyYardErrors } from './mutation.fixture.ts'

type Packed = Exclude<Compression, 'none'>

const limits = { maxBytes: 8 * 1024 * 1024, object: 'Packages' }
const text = Buffer.from(
  Array.from({ length: 600 }, (_, i) => `Package: p${i * 7919}\nVersion: ${i}\n\n`).join(''),
)
const kinds: Packed[] = ['gzip', 'xz', 'zstd', 'bzip2']
const programs: { [kind in Packed]: string[] } = {
  gzip: ['gzip', '-nc'],
  xz: ['xz', '-c'],
  zstd: ['zstd', '-qc'],
  bzip2: ['bzip2', '-c'],
}

function packed(kind: Packed, bytes: Uint8Array, ...options: string[]): Buffer {
  const [program, ...base] = programs[kind]
  return execFileSync(program!, [...base, ...options], { input: bytes, maxBuffer: 1 << 28 })
}

/** Both forms must agree, whatever the answer is. */
async function unpacked(kind: Compression, bytes: Buffer, chunkSize = 4096): Promise<Buffer> {
  const [whole, streamed] = await Promise.allSettled([
    decompressAll(kind, bytes, limits),
    gather(decompress(kind, inChunks(bytes, chunkSize), limits)),
  ])
  expect(streamed.status).toBe(whole.status)
  if (whole.status === 'rejected') throw whole.reason
  if (streamed.status === 'fulfilled') expect(streamed.value.equals(whole.value)).toBe(true)
  return whole.value
}

function invalid(reason: RegExp | string) {
  return { code: 'invalid', message: expect.stringMatching(reason) }
}

describe.each(kinds)('decompressing %s', kind => {
  it('gives what the real program packed, however it arrives', async () => {
    const bytes = packed(kind, text)
    for (const chunkSize of [1, 13, 5000, 1e7])
      expect((await unpacked(kind, bytes, chunkSize)).equals(text)).toBe(true)
  })

  it('takes any content', async () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.tuple(fc.integer({ min: 0, max: 255 }), fc.nat(5000)).map(([byte, n]) => Buffer.alloc(n, byte)),
    )
    await fc.assert(
      fc.asyncProperty(content, async bytes => {
        expect((await unpacked(kind, packed(kind, bytes))).equals(bytes)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('reads several packings one after another as one content, empty ones too', async () => {
    const parts = [text, Buffer.alloc(0), Buffer.from('tail')]
    const bytes = Buffer.concat(parts.map(part => packed(kind, part)))
    for (const chunkSize of [1, 1000, 1e7])
      expect((await unpacked(kind, bytes, chunkSize)).equals(Buffer.concat(parts))).toBe(true)
  })

  it('finds a cut at every byte', async () => {
    const bytes = packed(kind, Buffer.from('a small file, a small file'))
    for (let length = 0; length < bytes.length; length++)
      await expect(unpacked(kind, bytes.subarray(0, length)), `${length}`).rejects.toMatchObject(
        invalid(`^Packages cannot be decompressed with ${kind}: it is cut short`),
      )
  })

  it('finds a cut in the middle of much data', async () => {
    const bytes = packed(kind, text)
    await expect(unpacked(kind, bytes.subarray(0, bytes.length >> 1))).rejects.toMatchObject(
      invalid('cut short'),
    )
  })

  it.each(['x', '\0', '\0garbage', 'garbage that is longer than any magic number'])(
    'refuses %j behind the end',
    async garbage => {
      const bytes = Buffer.concat([packed(kind, text), Buffer.from(garbage)])
      for (const chunkSize of [1, 1e7])
        await expect(unpacked(kind, bytes, chunkSize)).rejects.toMatchObject(invalid('Packages'))
    },
  )

  it('finds damaged content by its checksum', async () => {
    const bytes = packed(kind, text, ...(kind === 'zstd' ? ['--check'] : []))
    for (const at of [0.2, 0.5, 0.8]) {
      const damaged = Buffer.from(bytes)
      damaged[Math.floor(bytes.length * at)]! ^= 0x10
      await expect(unpacked(kind, damaged)).rejects.toMatchObject(invalid('Packages'))
    }
  })

  it('stops a bomb at the limit, in both forms, exactly', async () => {
    const bytes = packed(kind, Buffer.alloc(100_000))
    const atLimit = { ...limits, maxBytes: 100_000 }
    const below = { ...limits, maxBytes: 99_999 }
    expect(await decompressAll(kind, bytes, atLimit)).toHaveLength(100_000)
    expect(await countBytes(decompress(kind, inChunks(bytes), atLimit))).toBe(100_000)
    const reason = invalid('more than the 99999 bytes')
    await expect(decompressAll(kind, bytes, below)).rejects.toMatchObject(reason)
    await expect(countBytes(decompress(kind, inChunks(bytes), below))).rejects.toMatchObject(reason)
  })

  it('reads no more than a few megabytes ahead of its reader', async () => {
    const bytes = packed(kind, randomBytes(2_000_000))
    let given = 0
    async function* input() {
      for (;;)
        for await (const chunk of inChunks(bytes, 10_000)) {
          given += chunk.length
          yield chunk
        }
    }
    let taken = 0
    for await (const chunk of decompress(kind, input(), { ...limits, maxBytes: 1e12 })) {
      taken += chunk.length
      if (taken > 1e6) break
    }
    expect(given).toBeLessThan(8 * 1024 * 1024)
  })

  it('passes the error of its input through unchanged', async () => {
    const lost = new YardError('unavailable', 'the network went away')
    async function* input() {
      yield packed(kind, text).subarray(0, 100)
      throw lost
    }
    await expect(gather(decompress(kind, input(), limits))).rejects.toBe(lost)
  })

  it('lets its input go when the reader stops early', async () => {
    const bytes = packed(kind, text)
    let released = false
    async function* input() {
      try {
        for (;;) yield* inChunks(bytes)
      } finally {
        released = true
      }
    }
    for await (const _ of decompress(kind, input(), limits)) break
    await new Promise(resolve => setImmediate(resolve))
    expect(released).toBe(true)
  })

  it('throws nothing but YardErrors on damaged data', async () => {
    const seeds = [
      packed(kind, text.subarray(0, 2000)),
      Buffer.concat([packed(kind, text), packed(kind, text)]),
    ]
    await expectOnlyYardErrors(seeds, bytes => unpacked(kind, bytes, 700), 100)
  })
})

describe('decompressing what only one format has', () => {
  it('reads an .xz stream of many blocks, made by several threads', async () => {
    const bytes = packed('xz', text, '--block-size=1000', '-T2')
    expect((await unpacked('xz', bytes)).equals(text)).toBe(true)
  })

  it('reads .xz with stream padding in multiples of four', async () => {
    const one = packed('xz', text)
    const bytes = Buffer.concat([one, Buffer.alloc(8), one, Buffer.alloc(4)])
    expect((await unpacked('xz', bytes)).equals(Buffer.concat([text, text]))).toBe(true)
  })

  it.each(['none', 'crc32', 'crc64'])('reads .xz checked with %s', async check => {
    expect((await unpacked('xz', packed('xz', text, `--check=${check}`))).equals(text)).toBe(true)
  })

  it('reads what xz -9 packs, and refuses a larger dictionary', async () => {
    expect((await unpacked('xz', packed('xz', text, '-9'))).equals(text)).toBe(true)
    const huge = packed('xz', text, '--lzma2=dict=128MiB')
    await expect(unpacked('xz', huge)).rejects.toMatchObject(invalid('more than 64 MiB'))
  })

  it('decodes many .xz at once, while one of them waits for its input', async () => {
    const bytes = packed('xz', text)
    const waiting = decompress(
      'xz',
      (async function* () {
        yield bytes.subarray(0, 500)
        await new Promise(() => {})
      })(),
      limits,
    )
    void waiting.next()
    const all = await Promise.all(Array.from({ length: 20 }, () => unpacked('xz', bytes)))
    expect(all.every(one => one.equals(text))).toBe(true)
  })

  it('passes over skippable zstd frames', async () => {
    const skippable = Buffer.from('502a4d1805000000aabbccddee', 'hex')
    const frame = packed('zstd', text)
    const bytes = Buffer.concat([skippable, frame, skippable, frame])
    for (const chunkSize of [1, 1e7])
      expect((await unpacked('zstd', bytes, chunkSize)).equals(Buffer.concat([text, text]))).toBe(true)
  })

  it('reads zstd frames with and without sizes and checksums', async () => {
    for (const options of [
      ['--no-check'],
      ['--check', '-19', '--ultra', '--long=27'],
      ['--no-content-size'],
      ['-1'],
    ])
      expect((await unpacked('zstd', packed('zstd', text, ...options))).equals(text)).toBe(true)
  })

  it('reads bzip2 in all its block sizes, with several blocks', async () => {
    const large = Buffer.concat([text, Buffer.alloc(300_000, 'ab'), text, Buffer.alloc(300_000, 0)])
    for (const level of ['-1', '-5', '-9']) {
      const bytes = packed('bzip2', large, level)
      expect((await unpacked('bzip2', bytes)).equals(large)).toBe(true)
    }
  })

  it('refuses gzip whose stored checksum is of other content', async () => {
    const bytes = packed('gzip', text)
    bytes.writeUInt32LE(crc32('other'), bytes.length - 8)
    await expect(unpacked('gzip', bytes)).rejects.toMatchObject(invalid('incorrect data check'))
  })

  it('passes bytes through that are not compressed, up to the limit', async () => {
    expect((await unpacked('none', text)).equals(text)).toBe(true)
    await expect(decompressAll('none', text, { ...limits, maxBytes: 10 })).rejects.toMatchObject(
      invalid('more than'),
    )
  })
})

describe('compressionOf', () => {
  it.each([
    ['Packages.gz', 'gzip'],
    ['Packages.xz', 'xz'],
    ['data.tar.zst', 'zstd'],
    ['Contents-amd64.bz2', 'bzip2'],
    ['Packages', 'none'],
    ['Release.constructor', 'none'],
  ])('%s: %s', (name, kind) => {
    expect(compressionOf(name)).toBe(kind)
  })

  it('refuses lzma by name', () => {
    expect(() => compressionOf('Packages.lzma')).toThrow('Packages.lzma is compressed with lzma')
  })
})
