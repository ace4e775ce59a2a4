import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type Digest, digestOf, YardError } from '../../model/index.ts'
import { checkPage } from '../check-page.ts'
import { maximumPageBytes, type Pages } from '../pages.ts'
import type { Directories } from './directories.ts'
import { eachOnDisk, onDisk } from './disk-error.ts'
import { type NewFile, writeFiles } from './durable-write.ts'
import type { Layout } from './layout.ts'
import { readSmallFile } from './read-small-file.ts'
import { removeIfThere } from './remove-file.ts'
import { isHereAgain, listShards, statOf } from './shards.ts'

/** Pages as files `pages/ab/cdef....zst`: zstd of the canonical bytes, whose SHA-256 is the name (`zstd -dc FILE | sha256sum`). */
export function createFsPages(layout: Layout, directories: Directories): Pages {
  async function write(pages: { digest: Digest; bytes: Uint8Array }[]): ReturnType<Pages['write']> {
    for (const page of pages) checkPage(page)
    const fresh = new Map<Digest, Uint8Array>()
    for (const { digest, bytes } of pages)
      if (!fresh.has(digest) && !isHereAgain(layout.page(digest))) fresh.set(digest, bytes)
    const files = [...fresh].map(([digest, bytes]) => compressed(layout.page(digest), bytes))
    if (files.length > 0) await writeFiles(layout, directories, files)
    return { pages: files.length, storedBytes: files.reduce((sum, file) => sum + file.bytes.length, 0) }
  }

  return {
    read: digest => onDisk(`cannot read page ${digest}`, layout.root, () => readPage(layout, digest)),
    write: pages => onDisk(`cannot write ${pages.length} pages`, layout.root, () => write(pages)),
    has: async digest =>
      onDisk(`cannot look for page ${digest}`, layout.root, () => statOf(layout.page(digest)) !== undefined),
    async *list() {
      const files = eachOnDisk('cannot list pages', layout.root, listShards(layout.pages, '.zst'))
      for await (const { digest, size, written } of files) yield { digest, storedSize: size, written }
    },
    remove: async digest =>
      onDisk(`cannot remove page ${digest}`, layout.root, () => {
        removeIfThere(layout.page(digest))
      }),
  }
}

/**
 * Compressed here and not on libuv's threads, which take four times as long for pages: most of their time is the trip.
 */
function compressed(target: string, bytes: Uint8Array): NewFile {
  return { target, bytes: zstdCompressSync(bytes), mode: 0o444 }
}

async function readPage(layout: Layout, digest: Digest): Promise<Uint8Array> {
  // What zstd cannot compress it stores with a few bytes more; anything beyond is no page, and is not read.
  const stored = await readSmallFile(layout.page(digest), maximumPageBytes + 64 * 1024)
  if (stored === undefined) throw new YardError('not-found', `there is no page ${digest}`)
  const bytes = decompressed(stored)
  if (bytes !== undefined && digestOf(bytes) === digest) return bytes
  throw new YardError(
    'damaged',
    `the page ${digest} has other bytes than its name says; nothing was changed`,
    {
      hint: 'run switchyard fsck --repair',
    },
  )
}

/** Undefined when it is no zstd, or more than a page can have. */
function decompressed(stored: Buffer): Buffer | undefined {
  try {
    return zstdDecompressSync(stored, { maxOutputLength: maximumPageBytes })
  } catch {
    return undefined
  }
}
