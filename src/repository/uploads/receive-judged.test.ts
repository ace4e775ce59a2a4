import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, YardError } from '../../model/index.ts'
import { openMemoryStore } from '../../store/index.ts'
import { receiveJudged } from './receive-judged.ts'

async function* chunksOf(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* parts
}

async function take(bytes: AsyncIterable<Uint8Array>, chunks = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const taken: Uint8Array[] = []
  if (chunks > 0)
    for await (const chunk of bytes) {
      taken.push(chunk)
      if (taken.length >= chunks) break
    }
  return Buffer.concat(taken)
}

const parts = ['one', 'two', 'three'].map(text => Buffer.from(text))
const whole = Buffer.concat(parts)
const refusal = new YardError('refused', 'no')

async function blobsIn({ blobs }: ReturnType<typeof openMemoryStore>): Promise<number> {
  let count = 0
  for await (const _ of blobs.list()) count++
  return count
}

describe('a file that is kept while it is judged', () => {
  it('is kept whole however much of it the judge reads', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1 })), fc.nat(5), async (parts, wanted) => {
        const store = openMemoryStore()
        const { file, judged } = await receiveJudged(store, chunksOf(parts), bytes => take(bytes, wanted))
        const bytes = Buffer.concat(parts)
        expect(file).toEqual({ sha256: digestOf(bytes), size: bytes.length })
        expect(judged).toEqual(Buffer.concat(parts.slice(0, wanted)))
        expect(await store.blobs.size(file.sha256)).toBe(bytes.length)
      }),
    ))

  it.each([0, 1, 2, 3, 4])('leaves nothing when it is refused after %i chunks', async wanted => {
    const store = openMemoryStore()
    const judge = async (bytes: AsyncIterable<Uint8Array>) => {
      await take(bytes, wanted)
      throw refusal
    }
    await expect(receiveJudged(store, chunksOf(parts), judge)).rejects.toBe(refusal)
    expect(await blobsIn(store)).toBe(0)
  })

  it('is read no further once it is refused', async () => {
    let given = 0
    async function* endless() {
      for (;;) {
        given++
        yield whole
      }
    }
    const judge = async (bytes: AsyncIterable<Uint8Array>) => {
      await take(bytes, 2)
      throw refusal
    }
    await expect(receiveJudged(openMemoryStore(), endless(), judge)).rejects.toBe(refusal)
    expect(given).toBeLessThan(5)
  })

  it('fails as its reading does, for the judge too', async () => {
    const broken = new YardError('invalid', 'the disk is broken')
    async function* breaking() {
      yield whole
      throw broken
    }
    let seen: unknown
    const judge = (bytes: AsyncIterable<Uint8Array>) =>
      take(bytes).catch(error => {
        seen = error
        throw error
      })
    await expect(receiveJudged(openMemoryStore(), breaking(), judge)).rejects.toBe(broken)
    expect(seen).toBe(broken)
  })

  it('fails as the store does, and the judge is not left waiting', async () => {
    const full = new YardError('no-space', 'the disk is full')
    const { blobs } = openMemoryStore()
    const receive = async (chunks: AsyncIterable<Uint8Array>): Promise<never> => {
      for await (const _ of chunks) break
      throw full
    }
    let ended = false
    const judge = (bytes: AsyncIterable<Uint8Array>) =>
      take(bytes).finally(() => {
        ended = true
      })
    const receiving = receiveJudged({ blobs: { ...blobs, receive } }, chunksOf(parts), judge)
    await expect(receiving).rejects.toBe(full)
    await new Promise(resolve => setImmediate(resolve))
    expect(ended).toBe(true)
  })
})
