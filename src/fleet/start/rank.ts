import { createHash } from 'node:crypto'
import { type HostCard, wholeRank } from '../../model/index.ts'

/**
 * Where a group of hosts stands in the order of one attempt: 0 to wholeRank - 1. The attempt is the salt, so no host is
 * always first; one group has one rank, so its hosts start in the same moment. The first 8 bytes, big-endian, of
 * SHA-256("sy/rank/1" 0x00 ATTEMPT 0x00 GROUP), scaled to wholeRank and rounded down.
 */
export function rankOf(attempt: string, { rankGroup }: Pick<HostCard, 'rankGroup'>): number {
  const digest = createHash('sha256').update(`sy/rank/1\0${attempt}\0${rankGroup}`).digest()
  return Number((digest.readBigUInt64BE() * BigInt(wholeRank)) >> 64n)
}
