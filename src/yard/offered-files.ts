import { closeSync, constants, fstatSync, open, read } from 'node:fs'
import { promisify } from 'node:util'
import { YardError } from '../model/index.ts'
import type { OfferedFile } from '../repository/index.ts'
import { pageAligned } from '../store/index.ts'

/** Bytes of a large file that are read at once. */
const chunkBytes = 512 * 1024

/** Files up to so many bytes, which most are, are read whole into memory that is used again for the next one. */
const slabBytes = 4 * 1024 * 1024

const openFile = promisify(open)
const readSome = promisify(read)

/** Offers files of this machine, to be read when somebody asks. Their memory is one for each that is read at the same time. */
export function createOfferer(): (path: string) => OfferedFile {
  const free: Buffer[] = []
  return path => ({
    name: path,
    async lend(work) {
      const slab = free.pop() ?? pageAligned(slabBytes, 1)[0]!
      try {
        return await work(chunksOf(path, slab))
      } finally {
        free.push(slab)
      }
    },
  })
}

async function* chunksOf(path: string, slab: Buffer): AsyncGenerator<Uint8Array, void> {
  const fd = await opened(path)
  try {
    const found = fstatSync(fd)
    if (!found.isFile())
      throw new YardError('invalid', `${path} is ${found.isDirectory() ? 'a directory' : 'no file'}`)
    // What is of no size may still say something (/proc); what grows while it is read is cut off where it ended.
    const end = found.size === 0 ? Number.POSITIVE_INFINITY : found.size
    for (let position = 0; position < end; ) {
      const buffer = end <= slabBytes ? slab.subarray(position, end) : chunkFor(end - position)
      const { bytesRead } = await readSome(fd, buffer, 0, buffer.length, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } catch (error) {
    throw faultOf(error, path)
  } finally {
    closeSync(fd)
  }
}

function chunkFor(left: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.min(chunkBytes, left))
}

async function opened(path: string): Promise<number> {
  try {
    // Opening a named pipe would wait for its writer.
    return await openFile(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw faultOf(error, path)
  }
}

function faultOf(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (error instanceof YardError || code === undefined) return error
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new YardError('not-found', `${path} cannot be read: there is no such file`)
  const why = code === 'EACCES' || code === 'EPERM' ? 'it may not be read' : code
  return new YardError('invalid', `${path} cannot be read: ${why}`)
}
