import { closeSync, constants, fstatSync, ftruncateSync } from 'node:fs'
import { createHasher, type Digest, type Hasher, YardError } from '../../model/index.ts'
import type { BlobWriter } from '../blobs.ts'
import { createDirectWrite } from './direct-write.ts'
import type { Directories } from './directories.ts'
import { onDisk } from './disk-error.ts'
import { publishFile } from './durable-write.ts'
import { openFile, readFully } from './file-io.ts'
import type { Layout } from './layout.ts'
import { removeFile } from './remove-file.ts'
import { createWriteBehind, type WriteBehind } from './write-behind.ts'

/** Nobody changes a blob; the mode says so. */
export const blobMode = 0o444

/** What a writer works with. `release` lets go of the digest, whose lock the caller has taken. */
interface Desk {
  layout: Layout
  directories: Directories
  release: () => void
}

/**
 * A writer that goes on after the bytes in `partial/DIGEST`. Those are hashed once, here; what a dead process or machine
 * left there may be anything, so a wrong hash at `commit` after that says nothing about the mirror.
 */
export async function openBlobWriter(digest: Digest, size: number, desk: Desk): Promise<BlobWriter> {
  const { layout, release } = desk
  try {
    return await onDisk(`cannot write blob ${digest}`, layout.root, async () => {
      const fd = await openFile(layout.partialOf(digest), constants.O_RDWR | constants.O_CREAT, 0o600)
      try {
        return createWriter(digest, size, fd, await takeUp(fd, size), desk)
      } catch (error) {
        closeSync(fd)
        throw error
      }
    })
  } catch (error) {
    release()
    throw error
  }
}

/** Hashes what is there. More than the announced size cannot be the beginning of the blob. */
async function takeUp(fd: number, size: number): Promise<{ hasher: Hasher; length: number }> {
  const hasher = createHasher()
  const length = fstatSync(fd).size
  if (length === 0) return { hasher, length }
  if (length > size) {
    ftruncateSync(fd, 0)
    return { hasher, length: 0 }
  }
  const buffer = Buffer.allocUnsafeSlow(Math.min(length, 1024 * 1024))
  for (let position = 0; position < length; ) {
    const bytes = await readFully(
      fd,
      buffer.subarray(0, Math.min(buffer.length, length - position)),
      position,
    )
    if (bytes.length === 0) throw new YardError('unavailable', 'a partial file changed under its writer')
    hasher.update(bytes)
    position += bytes.length
  }
  return { hasher, length }
}

function createWriter(
  digest: Digest,
  size: number,
  fd: number,
  start: { hasher: Hasher; length: number },
  { layout, directories, release }: Desk,
): BlobWriter {
  const partial = layout.partialOf(digest)
  let { hasher, length } = start
  let offset = length
  const file = createDirectWrite(fd, partial, size)
  let behind: WriteBehind = createWriteBehind(file, length, size)
  let ended = false

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    if (ended) throw new YardError('internal', `the writer of blob ${digest} has ended`)
    return onDisk(`cannot write blob ${digest}`, layout.root, work)
  }

  function end(what: { close: boolean; remove: boolean }): void {
    ended = true
    try {
      file.close()
      if (what.close) closeSync(fd)
      if (what.remove) removeFile(partial)
    } finally {
      release()
    }
  }

  async function publish(): Promise<void> {
    try {
      await publishFile(directories, {
        fd,
        temporary: partial,
        target: layout.blob(digest),
        length,
        mode: blobMode,
      })
    } finally {
      end({ close: false, remove: false })
    }
  }

  return {
    get offset() {
      return offset
    },
    async write(chunk) {
      if (length + chunk.length > size)
        throw new YardError(
          'invalid',
          `more than the ${size} bytes announced for blob ${digest}; it was not kept`,
        )
      await guarded(async () => {
        hasher.update(chunk)
        length += chunk.length
        await behind.write(chunk)
      })
    },
    restart: () =>
      guarded(async () => {
        await behind.finish().catch(() => {})
        ftruncateSync(fd, 0)
        hasher = createHasher()
        length = 0
        offset = 0
        behind = createWriteBehind(file, 0, size)
      }),
    commit: () =>
      guarded(async () => {
        try {
          await behind.finish()
        } catch (error) {
          end({ close: true, remove: false })
          throw error
        }
        if (length === size && hasher.digest() === digest) return publish()
        end({ close: true, remove: true })
        throw new YardError(
          'damaged',
          `what was written is not blob ${digest} of ${size} bytes (${length} came); nothing was kept`,
        )
      }),
    async keep() {
      if (ended) return
      // On a full disk the end of it is lost, what is there is still the beginning.
      await behind.finish().catch(() => {})
      end({ close: true, remove: length === 0 })
    },
    async discard() {
      if (ended) return
      await behind.finish().catch(() => {})
      end({ close: true, remove: true })
    },
  }
}
