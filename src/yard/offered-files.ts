import { constants, type FileHandle, open } from 'node:fs/promises'
import { YardError } from '../model/index.ts'
import type { OfferedFile } from '../repository/index.ts'

/** Bytes read at once. */
const chunkBytes = 512 * 1024

/** A file of this machine, to be read when somebody asks. */
export function offeredFile(path: string): OfferedFile {
  return { name: path, open: () => chunksOf(path) }
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array, void> {
  const file = await opened(path)
  try {
    const found = await file.stat()
    if (!found.isFile())
      throw new YardError('invalid', `${path} is ${found.isDirectory() ? 'a directory' : 'no file'}`)
    for (let position = 0; ; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(chunkBytes, found.size - position)))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } catch (error) {
    throw faultOf(error, path)
  } finally {
    await file.close()
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    // Opening a named pipe would wait for its writer.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
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
