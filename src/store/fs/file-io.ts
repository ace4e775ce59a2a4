import { fsync, open, read, write } from 'node:fs'
import { promisify } from 'node:util'

/**
 * What a file does with its bytes: off the main thread, because a disk can be slow. Names, sizes and locks are asked
 * with the synchronous calls elsewhere: those take 2 to 15 microseconds where a trip through libuv's threads takes 20 to 100.
 */
export const openFile = promisify(open)
export const syncFile = promisify(fsync)
const readSome = promisify(read)
const writeSome = promisify(write)

/** Writes every byte at a position, whatever the number of calls. */
export async function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    // A disk that fills up accepts a part first; the next call then says why.
    const { bytesWritten } = await writeSome(fd, bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Fills the buffer from a position; fewer bytes come back only at the end of the file. */
export async function readFully(fd: number, buffer: Buffer, position: number): Promise<Buffer> {
  let done = 0
  while (done < buffer.length) {
    const { bytesRead } = await readSome(fd, buffer, done, buffer.length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}
