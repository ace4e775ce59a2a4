import { describe, expect, it } from 'vitest'
import { describeBlobs } from '../blobs.suite.ts'
import { describeLocks } from '../locks.suite.ts'
import { describePages } from '../pages.suite.ts'
import { describeRefs } from '../refs.suite.ts'
import { createMemoryBlobs, type MemoryBlobContents } from './blobs.ts'
import { createMemoryLocks } from './locks.ts'
import { createMemoryPages } from './pages.ts'
import { createMemoryRefs } from './refs.ts'
import { openMemoryStore } from './store.ts'

const remove = async (): Promise<void> => {}

describeBlobs('memory', async () => {
  const contents: MemoryBlobContents = { kept: new Map(), partial: new Map() }
  const overwrite = async (
    digest: Parameters<typeof contents.kept.get>[0],
    bytes: Uint8Array,
  ): Promise<void> => {
    contents.kept.get(digest)!.bytes = Buffer.from(bytes)
  }
  return { blobs: createMemoryBlobs(contents), overwrite, remove }
})

describePages('memory', async () => {
  const kept: Parameters<typeof createMemoryPages>[0] = new Map()
  return {
    pages: createMemoryPages(kept),
    overwrite: async (digest, bytes) => {
      kept.get(digest)!.bytes = Buffer.from(bytes)
    },
    remove,
  }
})

describeRefs('memory', async () => {
  const refs = createMemoryRefs()
  return { refs, others: refs, remove }
})

describeLocks('memory', async () => {
  const locks = createMemoryLocks()
  return { locks, others: locks, remove }
})

describe('a memory store', () => {
  it('is empty, and apart from every other', async () => {
    const digest = await openMemoryStore().blobs.put(Buffer.from('x'))
    expect(await openMemoryStore().blobs.size(digest)).toBeUndefined()
  })
})
