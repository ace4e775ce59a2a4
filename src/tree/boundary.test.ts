import { describe, expect, it } from 'vitest'
import { endsPage, keyHash, targetOf } from './boundary.ts'
import { numbersFrom } from './memory-pages.fixture.ts'

describe('the hash of a key', () => {
  it('is FNV-1a with a finaliser, salted by the level', () => {
    // fmix32 of 0x050c5d1f, the FNV-1a of one zero byte (published test vector).
    expect(keyHash(0, '')).toBe(fmix32(0x050c5d1fn))
    expect(keyHash(0, 'a')).toBe(fmix32(fnv1a([0, 97])))
    expect(keyHash(3, 'p\xff')).toBe(fmix32(fnv1a([3, 112, 255])))
  })

  function fnv1a(bytes: number[]): bigint {
    return bytes.reduce((hash, byte) => ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn, 0x811c9dc5n)
  }

  function fmix32(hash: bigint): number {
    hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & 0xffffffffn
    hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & 0xffffffffn
    return Number(hash ^ (hash >> 16n))
  }
})

describe('a page', () => {
  it('does not end below a quarter of its target, and always ends from four times on', () => {
    for (let n = 0; n < 5000; n++) {
      expect(endsPage(0, 4096, 0, 1023, `key ${n}`)).toBe(false)
      expect(endsPage(0, 4096, 16_383, 16_384, `key ${n}`)).toBe(true)
    }
  })

  it('is decided exactly as integers of any length would', () => {
    const next = numbersFrom(3)
    for (const target of [3584, 4096, 32_768])
      for (let n = 0; n < 20_000; n++) {
        const before = next() % (4 * target - 1)
        const after = before + 1 + (next() % Math.min(700, 4 * target - 1 - before))
        if (4 * after < target) continue
        const [a, b, hash] = [BigInt(before), BigInt(after), BigInt(keyHash(1, `${n}`))]
        expect(endsPage(1, target, before, after, `${n}`)).toBe(
          hash * BigInt(target) ** 3n < (b ** 3n - a ** 3n) << 32n,
        )
      }
  })

  it.each([3584, 4096, 32_768])('of entries of many sizes clusters around its target of %d bytes', target => {
    const next = numbersFrom(5)
    const sizes: number[] = []
    for (let size = 0, n = 0; sizes.length < 4000; n++) {
      const after = size + target / 200 + (next() % (target / 40))
      if (endsPage(0, target, size, after, `key ${n}`)) sizes.push(after)
      size = after === sizes.at(-1) ? 0 : after
    }
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
    const deviation = Math.sqrt(sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0) / sizes.length)
    expect(mean / target).toBeGreaterThan(0.85)
    expect(mean / target).toBeLessThan(0.95)
    expect(deviation / mean).toBeLessThan(0.4)
    expect(Math.max(...sizes)).toBeLessThan(2.5 * target)
  })

  it('aims at 4 KiB, the leaves of files at 3.5 and those of packages at 32', () => {
    expect([
      targetOf('files', 0),
      targetOf('files', 1),
      targetOf('packages', 1),
      targetOf('packages', 0),
    ]).toEqual([3584, 4096, 4096, 32_768])
  })
})
