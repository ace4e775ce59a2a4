import type { ByteString } from '../model/index.ts'
import type { TreeKind } from './page.ts'

/**
 * Where pages end (docs/format/tree.md, "Boundaries"). The rule sees the entries so far and nothing that follows, and
 * computes in integers below 2^53, so that every implementation cuts at the same places.
 */

const innerTarget = 4096
const leafTarget = { files: 3584, packages: 32768 } as const

/** What the pages of a level aim at, in bytes of encoded entries: a multiple of 512 up to 32,768, so that the sums below are exact. */
export function targetOf(kind: TreeKind, level: number): number {
  return level === 0 ? leafTarget[kind] : innerTarget
}

/**
 * True when a page ends after the entry with this key, which took its encoded entries from `before` to `after` bytes:
 * never below a quarter of the target, always from four times the target on, and in between with a probability of
 * (after^3 - before^3) / target^3, decided by the hash of the key. Sizes then follow a Weibull distribution of shape 3,
 * with a mean of 0.89 and a standard deviation of 0.32 targets.
 */
export function endsPage(
  level: number,
  target: number,
  before: number,
  after: number,
  key: ByteString,
): boolean {
  if (after >= 4 * target) return true
  if (4 * after < target) return false
  const scale = (target * target * target) / 2 ** 32
  return keyHash(level, key) * scale < after * after * after - before * before * before
}

/** FNV-1a (32 bits) over the level as one byte and the key, finished by MurmurHash3's fmix32: an unsigned 32-bit integer. */
export function keyHash(level: number, key: ByteString): number {
  let hash = Math.imul(0x811c9dc5 ^ level, 0x01000193)
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
