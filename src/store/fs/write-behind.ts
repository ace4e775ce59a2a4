import type { DirectWrite } from './direct-write.ts'

/** Appends to a file from a position on, in few large writes. */
export interface WriteBehind {
  /** Resolves when more may come; the chunk's memory may then be used again. @throws what an earlier or this write met. */
  write(chunk: Uint8Array): Promise<void>
  /** Resolves when everything is written. */
  finish(): Promise<void>
}

/**
 * Every call of write costs some 50 microseconds of trips between threads, whatever its size: small chunks are gathered
 * (one buffer is written while the other is filled), large ones are written as they are. `size` is where the file will end.
 */
export function createWriteBehind(file: DirectWrite, position: number, size: number): WriteBehind {
  let written = position
  let filling: Buffer | undefined
  let spare: Buffer | undefined
  let filled = 0
  let underWay: Promise<void> = Promise.resolve()

  function begin(bytes: Uint8Array): Promise<void> {
    const at = written
    written += bytes.length
    underWay = file.write(bytes, at)
    // A failure is met by whoever waits next; until then it must not count as unhandled.
    underWay.catch(() => {})
    return underWay
  }

  async function flush(): Promise<void> {
    await underWay
    if (filled === 0) return
    const buffer = filling!
    filling = spare
    spare = undefined
    const bytes = buffer.subarray(0, filled)
    filled = 0
    begin(bytes).then(
      () => {
        spare = buffer
      },
      () => {},
    )
  }

  function gather(chunk: Uint8Array): void {
    filling ??= Buffer.allocUnsafeSlow(Math.min(gatherBytes, size - position))
    filling.set(chunk, filled)
    filled += chunk.length
  }

  return {
    async write(chunk) {
      const last = written + filled + chunk.length === size
      if (chunk.length >= largeBytes || (last && filled === 0)) {
        await flush()
        await underWay
        return begin(chunk)
      }
      if (filled + chunk.length > (filling?.length ?? gatherBytes)) await flush()
      gather(chunk)
    },
    async finish() {
      await flush()
      await underWay
    },
  }
}

const gatherBytes = 256 * 1024
const largeBytes = 128 * 1024
