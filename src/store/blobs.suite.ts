import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Digest, digestOf } from '../model/index.ts'
import type { Blobs, BlobWriter } from './blobs.ts'

/** A driver under test: empty at first, with a way to spoil a blob that it keeps. */
export interface BlobsUnderTest {
  blobs: Blobs
  overwrite(digest: Digest, bytes: Uint8Array): Promise<void>
  remove(): Promise<void>
}

/** What every driver of Blobs does. */
export function describeBlobs(driver: string, open: () => Promise<BlobsUnderTest>): void {
  describe(`blobs in ${driver}`, () => {
    let under: BlobsUnderTest
    let blobs: Blobs
    let scratch: string

    beforeEach(async () => {
      under = await open()
      blobs = under.blobs
      scratch = await mkdtemp(join(tmpdir(), 'blobs-suite-'))
    })
    afterEach(async () => {
      await under.remove()
      await rm(scratch, { recursive: true })
    })

    const mebibyte = patterned(1024 * 1024 + 77)
    const absent = digestOf(Buffer.from('nobody has written this'))

    async function begin(bytes: Uint8Array): Promise<BlobWriter> {
      const writer = await blobs.resume(digestOf(bytes), bytes.length)
      expect(writer).toBeDefined()
      return writer!
    }

    async function contentOf(digest: Digest, range?: { start: number; end: number }): Promise<Buffer> {
      const chunks: Uint8Array[] = []
      for await (const chunk of blobs.open(digest, range)) {
        expect(chunk.length).toBeLessThanOrEqual(512 * 1024)
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    }

    describe('receiving', () => {
      async function* chunked(bytes: Buffer, failure?: Error): AsyncGenerator<Buffer> {
        for (let at = 0; at < bytes.length; at += 300_001) yield bytes.subarray(at, at + 300_001)
        if (failure !== undefined) throw failure
      }

      it('keeps bytes under the digest that they turn out to have, of any size and twice', async () => {
        for (const size of [0, 1, 300_001, 3_000_000, 3_000_000]) {
          const bytes = patterned(size)
          expect(await blobs.receive(chunked(bytes))).toEqual({ digest: digestOf(bytes), size })
          expect((await contentOf(digestOf(bytes))).equals(bytes)).toBe(true)
        }
      })

      it('keeps nothing when they end by throwing', async () => {
        const failure = new Error('these are not the bytes')
        await expect(blobs.receive(chunked(mebibyte, failure))).rejects.toBe(failure)
        expect(await blobs.size(digestOf(mebibyte))).toBeUndefined()
        for await (const listed of blobs.list()) expect(listed).toBeUndefined()
      })
    })

    describe('reading', () => {
      it('gives back what was put, of any size', async () => {
        for (const size of [0, 1, 4096, 512 * 1024, 512 * 1024 + 1, 3_000_000]) {
          const bytes = patterned(size)
          const digest = await blobs.put(bytes)
          expect(digest).toBe(digestOf(bytes))
          expect(await blobs.size(digest)).toBe(size)
          expect((await blobs.read(digest, size)).equals(bytes)).toBe(true)
          expect((await contentOf(digest)).equals(bytes)).toBe(true)
        }
      })

      it('gives any range, and refuses one that leaves the blob', async () => {
        const digest = await blobs.put(mebibyte)
        await fc.assert(
          fc.asyncProperty(fc.nat(mebibyte.length), fc.nat(mebibyte.length), async (a, b) => {
            const [start, end] = a < b ? [a, b] : [b, a]
            expect((await contentOf(digest, { start, end })).equals(mebibyte.subarray(start, end))).toBe(true)
          }),
          { numRuns: 20 },
        )
        for (const range of [
          { start: -1, end: 2 },
          { start: 3, end: 2 },
          { start: 0, end: mebibyte.length + 1 },
          { start: 0.5, end: 2 },
        ])
          await expect(contentOf(digest, range)).rejects.toMatchObject({ code: 'invalid' })
      })

      it('says that a blob is not here', async () => {
        expect(await blobs.size(absent)).toBeUndefined()
        await expect(blobs.read(absent, 10)).rejects.toMatchObject({ code: 'not-found' })
        await expect(contentOf(absent)).rejects.toMatchObject({ code: 'not-found' })
      })

      it('refuses to read into memory what is larger than expected', async () => {
        const digest = await blobs.put(patterned(100))
        await expect(blobs.read(digest, 99)).rejects.toMatchObject({ code: 'invalid' })
      })

      it('finds damage when it reads the whole', async () => {
        const digest = await blobs.put(patterned(100))
        await under.overwrite(digest, Buffer.alloc(100))
        await expect(blobs.read(digest, 100)).rejects.toMatchObject({ code: 'damaged' })
      })

      it('lets a reader stop in the middle', async () => {
        const digest = await blobs.put(mebibyte)
        for await (const chunk of blobs.open(digest)) {
          expect(chunk[0]).toBe(mebibyte[0])
          break
        }
      })
    })

    describe('the list', () => {
      it('has every blob once, with its size and time, and not what is partial or removed', async () => {
        const began = Date.now() - 2000
        const sizes = [0, 5, 70_000]
        const digests = await Promise.all(sizes.map(size => blobs.put(patterned(size))))
        const again = [...sizes, ...sizes, 77_777].map(size => patterned(size))
        expect(await blobs.putAll(again)).toEqual([...digests, ...digests, digestOf(patterned(77_777))])
        expect(await blobs.read(digestOf(patterned(77_777)), 77_777)).toEqual(patterned(77_777))
        await blobs.remove(digestOf(patterned(77_777)))
        expect(await blobs.putAll([])).toEqual([])
        await blobs.put(patterned(5))
        const partial = await begin(patterned(9))
        await partial.write(patterned(9).subarray(0, 4))
        await partial.keep()
        await blobs.remove(digests[2]!)
        const listed = []
        for await (const { digest, size, written } of blobs.list()) {
          expect(written).toBeGreaterThan(began)
          expect(written).toBeLessThanOrEqual(Date.now() + 1)
          listed.push([digest, size])
        }
        expect(listed.sort()).toEqual([[digests[0], 0] as const, [digests[1], 5] as const].sort())
      })

      it('forgets a removed blob, also one that never was', async () => {
        const digest = await blobs.put(patterned(5))
        await blobs.remove(digest)
        await blobs.remove(digest)
        await blobs.remove(absent)
        expect(await blobs.size(digest)).toBeUndefined()
        expect(await blobs.put(patterned(5))).toBe(digest)
        expect(await blobs.size(digest)).toBe(5)
      })
    })

    describe('writing', () => {
      it('keeps what comes in chunks of any size', async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.oneof(fc.nat(300), fc.nat(400_000)), { maxLength: 12 }),
            fc.nat(255),
            async (sizes, seed) => {
              const bytes = patterned(
                sizes.reduce((sum, size) => sum + size, 0),
                seed,
              )
              const writer = await blobs.resume(digestOf(bytes), bytes.length)
              if (writer === undefined) return
              let position = 0
              for (const size of sizes) {
                const chunk = Buffer.from(bytes.subarray(position, position + size))
                await writer.write(chunk)
                // The caller may use its memory again.
                chunk.fill(0xee)
                position += size
              }
              await writer.commit()
              expect((await blobs.read(digestOf(bytes), bytes.length)).equals(bytes)).toBe(true)
            },
          ),
          { numRuns: 25 },
        )
      })

      it('shows a blob only once it is committed', async () => {
        const writer = await begin(mebibyte)
        await writer.write(mebibyte)
        expect(await blobs.size(digestOf(mebibyte))).toBeUndefined()
        await writer.commit()
        expect(await blobs.size(digestOf(mebibyte))).toBe(mebibyte.length)
      })

      it('has nothing to write when the blob is here', async () => {
        expect(await blobs.resume(await blobs.put(mebibyte), mebibyte.length)).toBeUndefined()
      })

      it('goes on where an earlier attempt stopped', async () => {
        for (const stop of [1, 1000, 700_000, mebibyte.length]) {
          const bytes = patterned(mebibyte.length, stop % 251)
          const first = await begin(bytes)
          expect(first.offset).toBe(0)
          await first.write(bytes.subarray(0, stop))
          await first.keep()
          const second = await begin(bytes)
          expect(second.offset).toBe(stop)
          await second.write(bytes.subarray(stop))
          await second.commit()
          expect((await blobs.read(digestOf(bytes), bytes.length)).equals(bytes)).toBe(true)
        }
      })

      it('begins again at 0 when told to', async () => {
        const first = await begin(mebibyte)
        await first.write(patterned(5000, 9))
        await first.keep()
        const second = await begin(mebibyte)
        expect(second.offset).toBe(5000)
        await second.write(patterned(70_000, 9))
        await second.restart()
        expect(second.offset).toBe(0)
        await second.write(mebibyte)
        await second.commit()
        expect((await blobs.read(digestOf(mebibyte), mebibyte.length)).equals(mebibyte)).toBe(true)
      })

      it('keeps nothing of wrong bytes, too few bytes or a wrong earlier attempt', async () => {
        const wrong = Buffer.from(mebibyte)
        wrong[500_000]! ^= 1
        for (const bytes of [wrong, mebibyte.subarray(1), Buffer.alloc(0)]) {
          const writer = await begin(mebibyte)
          await writer.write(bytes)
          await expect(writer.commit()).rejects.toMatchObject({ code: 'damaged' })
          expect(await blobs.size(digestOf(mebibyte))).toBeUndefined()
          const next = await begin(mebibyte)
          expect(next.offset).toBe(0)
          await next.write(wrong.subarray(0, 600_000))
          await next.keep()
          const third = await begin(mebibyte)
          await third.write(mebibyte.subarray(600_000))
          await expect(third.commit()).rejects.toMatchObject({ code: 'damaged' })
        }
      })

      it('refuses more bytes than announced, and forgets a longer earlier attempt', async () => {
        const writer = await begin(mebibyte)
        await writer.write(mebibyte.subarray(1))
        await expect(writer.write(Buffer.alloc(2))).rejects.toMatchObject({ code: 'invalid' })
        await writer.keep()
        const shorter = await blobs.resume(digestOf(mebibyte), 10)
        expect(shorter!.offset).toBe(0)
        await shorter!.discard()
      })

      it('forgets what is discarded', async () => {
        const writer = await begin(mebibyte)
        await writer.write(mebibyte.subarray(0, 500_000))
        await writer.discard()
        const next = await begin(mebibyte)
        expect(next.offset).toBe(0)
        await next.discard()
      })

      it('takes nothing after the end, and lets a finally end it twice', async () => {
        const writer = await begin(mebibyte)
        await writer.write(mebibyte)
        await writer.commit()
        await writer.keep()
        await writer.discard()
        await expect(writer.write(Buffer.alloc(0))).rejects.toMatchObject({ code: 'internal' })
        await expect(writer.commit()).rejects.toMatchObject({ code: 'internal' })
        expect(await blobs.size(digestOf(mebibyte))).toBe(mebibyte.length)
      })

      it('has one writer per digest: a second waits, and finds the blob here', async () => {
        const first = await begin(mebibyte)
        let decided = false
        const second = blobs.resume(digestOf(mebibyte), mebibyte.length).finally(() => {
          decided = true
        })
        await first.write(mebibyte)
        await setTimeout(30)
        expect(decided).toBe(false)
        await first.commit()
        expect(await second).toBeUndefined()
      })

      it('lets the second go on when the first gives up', async () => {
        const first = await begin(mebibyte)
        const waiting = blobs.resume(digestOf(mebibyte), mebibyte.length)
        const third = blobs.resume(digestOf(mebibyte), mebibyte.length)
        await first.write(mebibyte.subarray(0, 400_000))
        await first.keep()
        const second = (await waiting)!
        expect(second.offset).toBe(400_000)
        await second.write(mebibyte.subarray(400_000))
        await second.commit()
        expect(await third).toBeUndefined()
      })

      it('lets writers of different digests work side by side', async () => {
        const contents = Array.from({ length: 40 }, (_, index) => patterned(20_000 + index, index))
        const writers = await Promise.all(contents.map(begin))
        await Promise.all(writers.map((writer, index) => writer.write(contents[index]!)))
        await Promise.all(writers.map(writer => writer.commit()))
        for (const bytes of contents) expect(await blobs.size(digestOf(bytes))).toBe(bytes.length)
      })

      it('takes the same bytes from many callers at once', async () => {
        const digests = await Promise.all(Array.from({ length: 20 }, () => blobs.put(mebibyte)))
        expect(new Set(digests)).toEqual(new Set([digestOf(mebibyte)]))
        expect((await blobs.read(digests[0]!, mebibyte.length)).equals(mebibyte)).toBe(true)
      })
    })

    describe('adopting a file', () => {
      it('takes a copy that is right, and lives on when the file changes in place', async () => {
        for (const bytes of [mebibyte, Buffer.alloc(0), patterned(3_000_000)]) {
          const file = join(scratch, 'pool.deb')
          await writeFile(file, bytes)
          expect(await blobs.adopt(file, digestOf(bytes))).toEqual({ size: bytes.length })
          await writeFile(file, 'something else', { flag: 'r+' })
          expect((await blobs.read(digestOf(bytes), bytes.length)).equals(bytes)).toBe(true)
        }
      })

      it('refuses other bytes, a missing file and what is no file', async () => {
        const file = join(scratch, 'pool.deb')
        await writeFile(file, patterned(10))
        expect(await blobs.adopt(file, absent)).toBeUndefined()
        expect(await blobs.adopt(join(scratch, 'missing'), absent)).toBeUndefined()
        expect(await blobs.adopt(scratch, absent)).toBeUndefined()
        expect(await blobs.size(absent)).toBeUndefined()
      })

      it('does not look at the file when the blob is here', async () => {
        const digest = await blobs.put(mebibyte)
        expect(await blobs.adopt(join(scratch, 'missing'), digest)).toEqual({ size: mebibyte.length })
      })
    })

    it('says how much can still be written, where it can know', async () => {
      const free = await blobs.freeSpace()
      if (free !== undefined) expect(free).toBeGreaterThan(0)
    })
  })
}

/** Bytes that do not repeat at any power of two, different for each seed. */
function patterned(size: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let state = (seed + 1) * 2654435761
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[i] = state >>> 24
  }
  return bytes
}
