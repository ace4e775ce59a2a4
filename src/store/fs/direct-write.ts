import { closeSync, constants, openSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'
import { writeAll } from './file-io.ts'

/** Appends to a file around the page cache (open(2), O_DIRECT) where that can be done, else through it. */
export interface DirectWrite {
  /** Writes every byte at a position. Whole blocks in memory of `pageAligned` go directly. */
  write(bytes: Uint8Array, position: number): Promise<void>
  close(): void
}

/**
 * Large blobs are written once and synced at once: copying them into the page cache first costs more processor time
 * than hashing them, and fills it with what nobody reads soon (1.1 GB: 0.2 s against 1.1 to 3 s, ext4, 2026-11). `fd` is open for
 * the same file; what does not fill a block, and what the file system refuses to take directly, is written through it.
 */
export function createDirectWrite(fd: number, file: string, size: number): DirectWrite {
  let direct = size < leastBytes ? undefined : openDirect(file)

  const close = (): void => {
    if (direct !== undefined) closeSync(direct)
    direct = undefined
  }

  /** How many of the bytes were taken. A refusal (the memory is not aligned, the disk has larger blocks) holds for the rest of the file. */
  async function writeBlocks(bytes: Uint8Array, position: number): Promise<number> {
    const blocks = bytes.subarray(0, bytes.length - (bytes.length % blockBytes))
    if (direct === undefined || position % blockBytes !== 0 || blocks.length === 0) return 0
    try {
      await writeAll(direct, blocks, position)
      return blocks.length
    } catch (error) {
      if (errnoOf(error) !== 'EINVAL') throw error
      close()
      return 0
    }
  }

  return {
    async write(bytes, position) {
      const done = await writeBlocks(bytes, position)
      if (done < bytes.length) await writeAll(fd, bytes.subarray(done), position + done)
    },
    close,
  }
}

/** Offsets and lengths must be multiples of the disk's logical block: 512 or 4096 bytes. */
const blockBytes = 4096
/** Below this a second descriptor costs as much as it saves. */
const leastBytes = 256 * 1024

/** Undefined where the file system has no such thing. */
function openDirect(file: string): number | undefined {
  try {
    return openSync(file, constants.O_WRONLY | constants.O_DIRECT)
  } catch (error) {
    if (errnoOf(error) === 'EINVAL') return undefined
    throw error
  }
}
