import type { ByteString, Digest, Name, SnapshotRecord } from '../../model/index.ts'
import { diff, leaves, packagePrefix, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'

/** A repository as it is and as it could be: two snapshots of one line, or derived from it. */
export interface SnapshotPair {
  repository: Name
  base: SnapshotRecord
  source: SnapshotRecord
}

/** An entry of the packages trees of a pair. It may share memory with the next one. */
export interface PairedEntry {
  pair: SnapshotPair
  key: ByteString
  value: Buffer
  inBase: boolean
  inSource: boolean
}

/** Every entry of one family of both trees, each once; what both have is read once. */
export async function* pairedEntries(
  context: RepositoryContext,
  pairs: readonly SnapshotPair[],
  family: 'deb' | 'rpm',
): AsyncGenerator<PairedEntry, void> {
  const prefix = packagePrefix(family)
  for (const pair of pairs) {
    const { base, source } = pair
    const isNew = new Set<ByteString>()
    for await (const { key, before, after } of changesIn(context, base.packages, source.packages)) {
      if (!key.startsWith(prefix)) continue
      if (before === undefined) isNew.add(key)
      if (after === undefined) yield { pair, key, value: asBuffer(before!), inBase: true, inSource: false }
    }
    for await (const leaf of leaves(context.trees, source.packages, prefixRange(prefix)))
      for (const { key, value } of leaf)
        yield { pair, key, value: asBuffer(value), inBase: !isNew.has(key), inSource: true }
  }
}

async function* changesIn(context: RepositoryContext, base: Digest, source: Digest) {
  if (base !== source) yield* diff(context.trees, base, source)
}

function asBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
}
