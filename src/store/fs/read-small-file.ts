import { closeSync, fstatSync, openSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'
import { readFully } from './file-io.ts'

/**
 * A small file's bytes, the first `maxBytes` of them; undefined when there is none. One trip through libuv's threads
 * instead of the four of node:fs: only reading the bytes may have to wait for a disk.
 */
export async function readSmallFile(file: string, maxBytes: number): Promise<Buffer | undefined> {
  const fd = openIfThere(file)
  if (fd === undefined) return undefined
  try {
    return await readFully(fd, Buffer.allocUnsafe(Math.min(fstatSync(fd).size, maxBytes)), 0)
  } finally {
    closeSync(fd)
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
