import { closeSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createHasher, type Digest, digestOf, YardError } from '../../model/index.ts'
import { checkRange } from '../blob-range.ts'
import type { Blobs, ByteRange } from '../blobs.ts'
import { createAdopter } from './adopt.ts'
import { blobMode, openBlobWriter } from './blob-writer.ts'
import type { DigestLock } from './digest-lock.ts'
import { createDirectWrite, type DirectWrite } from './direct-write.ts'
import type { Directories } from './directories.ts'
import { eachOnDisk, errnoOf, onDisk } from './disk-error.ts'
import { type NewFile, publishFile, writeFiles } from './durable-write.ts'
import { openFile, readFully } from './file-io.ts'
import { type Layout, privateMode } from './layout.ts'
import { removeFile, removeIfThere } from './remove-file.ts'
import { isHereAgain, listShards, statOf } from './shards.ts'

/** Blobs as plain read-only files `blobs/ab/cdef...`, named by their SHA-256: `sha256sum` can check them, nginx can serve them. */
export function createFsBlobs(layout: Layout, directories: Directories, writers: DigestLock): Blobs {
  const adopt = createAdopter(layout, directories)

  async function putAll(all: readonly Uint8Array[]): Promise<Digest[]> {
    const digests = all.map(bytes => digestOf(bytes))
    await onDisk(`cannot write blob ${digests.join(', ').slice(0, 200)}`, layout.root, async () => {
      const missing = new Map<string, NewFile>()
      for (const [i, bytes] of all.entries()) {
        const target = layout.blob(digests[i]!)
        if (!missing.has(target) && !isHereAgain(target))
          missing.set(target, { target, bytes, mode: blobMode })
      }
      if (missing.size > 0) await writeFiles(layout, directories, [...missing.values()])
    })
    return digests
  }

  async function put(bytes: Uint8Array): Promise<Digest> {
    const [digest] = await putAll([bytes])
    return digest!
  }

  async function receive(chunks: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; size: number }> {
    await directories.ensure(layout.tmp, privateMode)
    const temporary = layout.temporary()
    const fd = await openFile(temporary, 'wx', 0o600)
    const hasher = createHasher()
    let size = 0
    let file: DirectWrite | undefined
    try {
      for await (const chunk of chunks) {
        // Who gives little at first has little: the size is not known.
        file ??= createDirectWrite(fd, temporary, chunk.length)
        const writing = onDisk('cannot write a blob', layout.root, () => file!.write(chunk, size))
        // It is waited for below; until then it must not count as unhandled.
        writing.catch(() => {})
        hasher.update(chunk)
        await writing
        size += chunk.length
      }
    } catch (error) {
      closeSync(fd)
      removeFile(temporary)
      throw error
    } finally {
      file?.close()
    }
    const digest = hasher.digest()
    const target = layout.blob(digest)
    if (isHereAgain(target)) {
      closeSync(fd)
      removeFile(temporary)
      return { digest, size }
    }
    await onDisk(`cannot write blob ${digest}`, layout.root, () =>
      publishFile(directories, { fd, temporary, target, length: size, mode: blobMode }),
    )
    return { digest, size }
  }

  async function* open(digest: Digest, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const { fd, size } = await openBlob(layout, digest)
    try {
      const { start, end } = checkRange(range, size, digest)
      yield* readChunks(fd, start, end, digest)
    } finally {
      closeSync(fd)
    }
  }

  async function read(digest: Digest, maxBytes: number): Promise<Buffer> {
    const { fd, size } = await openBlob(layout, digest)
    try {
      if (size > maxBytes)
        throw new YardError(
          'invalid',
          `the blob ${digest} has ${size} bytes, more than the ${maxBytes} expected; it was not read`,
        )
      const bytes = await readFully(fd, Buffer.allocUnsafe(size), 0)
      if (bytes.length === size && digestOf(bytes) === digest) return bytes
      throw damaged(digest)
    } finally {
      closeSync(fd)
    }
  }

  return {
    size: async digest =>
      onDisk(`cannot look for blob ${digest}`, layout.root, () => statOf(layout.blob(digest))?.size),
    open: (digest, range) => eachOnDisk(`cannot read blob ${digest}`, layout.root, open(digest, range)),
    read: (digest, maxBytes) =>
      onDisk(`cannot read blob ${digest}`, layout.root, () => read(digest, maxBytes)),
    locate: digest => ({ file: layout.blob(digest) }),
    put,
    putAll,
    receive,
    async resume(digest, size) {
      const isHere = (): boolean => isHereAgain(layout.blob(digest))
      const release = await onDisk(`cannot write blob ${digest}`, layout.root, () =>
        writers.acquire(digest, isHere),
      )
      if (release === undefined) return undefined
      if (!isHere()) return openBlobWriter(digest, size, { layout, directories, release })
      release()
      return undefined
    },
    async *list() {
      for await (const { digest, size, written } of listShards(layout.blobs, ''))
        yield { digest, size, written }
    },
    remove: async digest =>
      onDisk(`cannot remove blob ${digest}`, layout.root, () => {
        removeIfThere(layout.blob(digest))
      }),
    adopt: (file, digest) =>
      onDisk(`cannot take blob ${digest} from ${file}`, layout.root, () => adopt(file, digest)),
    freeSpace: () => onDisk('cannot ask for free space', layout.root, () => freeSpace(layout.root)),
  }
}

const chunkBytes = 512 * 1024

async function openBlob(layout: Layout, digest: Digest): Promise<{ fd: number; size: number }> {
  const size = statOf(layout.blob(digest))?.size
  const missing = new YardError('not-found', `there is no blob ${digest}`)
  if (size === undefined) throw missing
  try {
    return { fd: await openFile(layout.blob(digest), 'r'), size }
  } catch (error) {
    throw errnoOf(error) === 'ENOENT' ? missing : error
  }
}

/** One chunk is read while the one before is in its reader's hands. */
async function* readChunks(
  fd: number,
  start: number,
  end: number,
  digest: Digest,
): AsyncGenerator<Uint8Array> {
  const readAt = (position: number): Promise<Buffer> =>
    readFully(fd, Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - position)), position)
  let next = start < end ? readAt(start) : undefined
  try {
    for (let position = start; next !== undefined; ) {
      const chunk: Buffer = await next
      if (chunk.length < Math.min(chunkBytes, end - position)) throw damaged(digest)
      position += chunk.length
      next = position < end ? readAt(position) : undefined
      yield chunk
    }
  } finally {
    // The descriptor must not be closed, and its number given to another file, while a read is under way.
    await next?.catch(() => {})
  }
}

function damaged(digest: Digest): YardError {
  return new YardError(
    'damaged',
    `the blob ${digest} has other bytes than its name says; nothing was changed`,
    {
      hint: 'run switchyard fsck --repair',
    },
  )
}

/** Of the nearest directory that exists: the yard may still have to be made. */
async function freeSpace(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(directory) === directory) throw error
    return freeSpace(dirname(directory))
  }
}
