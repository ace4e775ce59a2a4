import { chmodSync, closeSync, constants, fstatSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { createHasher, type Digest } from '../../model/index.ts'
import { blobMode } from './blob-writer.ts'
import type { Directories } from './directories.ts'
import { errnoOf } from './disk-error.ts'
import { publishFile } from './durable-write.ts'
import { openFile, readFully, writeAll } from './file-io.ts'
import { type Layout, privateMode } from './layout.ts'
import { removeFile } from './remove-file.ts'
import { isHereAgain, statOf } from './shards.ts'

/**
 * Takes files of other people (a mirror or pool on this machine) as blobs. Never by hard link: both names would share one
 * file, and whoever owns the other name may change it in place at any time, under a digest that then lies. A reflink
 * shares only the bytes as they are now. Verified is what we keep, the copy, since the source can change while it is read.
 * `clone` copies a file as copyFile of node:fs does.
 */
export function createAdopter(
  layout: Layout,
  directories: Directories,
  clone: typeof copyFile = copyFile,
): (file: string, digest: Digest) => Promise<{ size: number } | undefined> {
  /** Devices of sources that cannot share blocks with the yard, so as not to ask them once a file. */
  const withoutReflink = new Set<number>()

  /** True when the temporary file now shares the source's bytes. */
  async function reflink(file: string, temporary: string, device: number): Promise<boolean> {
    if (withoutReflink.has(device)) return false
    try {
      await clone(file, temporary, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL)
      // It has the source's mode, which may not let us write, and we want to sync it.
      chmodSync(temporary, 0o600)
      return true
    } catch (error) {
      if (!noReflink.has(errnoOf(error) ?? '')) throw error
      removeFile(temporary)
      withoutReflink.add(device)
      return false
    }
  }

  return async (file, digest) => {
    const target = layout.blob(digest)
    if (isHereAgain(target)) return { size: statOf(target)?.size ?? 0 }
    const source = statOf(file)
    if (source === undefined) return undefined
    await directories.ensure(layout.tmp, privateMode)
    const temporary = layout.temporary()
    let published = false
    try {
      const cloned = await reflink(file, temporary, source.dev)
      const copy = cloned ? await hashFile(temporary) : await copyAndHash(file, temporary)
      if (copy.digest !== digest) {
        closeSync(copy.fd)
        return undefined
      }
      await publishFile(directories, { ...copy, temporary, target, mode: blobMode })
      published = true
      return { size: copy.length }
    } catch (error) {
      if (errnoOf(error) === 'ENOENT' && statOf(file) === undefined) return undefined
      throw error
    } finally {
      if (!published) removeFile(temporary)
    }
  }
}

const noReflink = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY', 'EPERM'])

interface Hashed {
  fd: number
  length: number
  digest: Digest
}

async function hashFile(file: string): Promise<Hashed> {
  const fd = await openFile(file, 'r+')
  return closingOnError(fd, async () => {
    const { length, digest } = await hashInto(fd, async () => {})
    return { fd, length, digest }
  })
}

/** One pass: what is hashed is what is written. */
async function copyAndHash(file: string, temporary: string): Promise<Hashed> {
  const source = await openFile(file, 'r')
  try {
    const fd = await openFile(temporary, 'wx', 0o600)
    return await closingOnError(fd, async () => {
      const { length, digest } = await hashInto(source, (bytes, position) => writeAll(fd, bytes, position))
      return { fd, length, digest }
    })
  } finally {
    closeSync(source)
  }
}

/** Reads a file once from its beginning, giving each piece away while it is hashed. */
async function hashInto(
  fd: number,
  give: (bytes: Buffer, position: number) => Promise<void>,
): Promise<{ length: number; digest: Digest }> {
  const hasher = createHasher()
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(pieceBytes, fstatSync(fd).size)))
  for (let length = 0; ; ) {
    const bytes = await readFully(fd, buffer, length)
    if (bytes.length === 0) return { length, digest: hasher.digest() }
    const giving = give(bytes, length)
    hasher.update(bytes)
    await giving
    length += bytes.length
  }
}

const pieceBytes = 1024 * 1024

async function closingOnError<T>(fd: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
