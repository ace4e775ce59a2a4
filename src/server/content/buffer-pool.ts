/** The buffers of one transfer: so many, of one size. */
export interface Allotment {
  size: number
  count: number
}

/**
 * Buffers for copying files to sockets, used again and again. The more transfers run, the smaller the share of each, so
 * that memory stays bounded: 32 MiB for the first 32 transfers, 256 MiB for the 4,096 that a server accepts.
 */
export interface BufferPool {
  /** Begins a transfer. */
  begin(): Allotment
  /** Ends it. */
  end(): void
  take(size: number): Buffer
  giveBack(buffer: Buffer): void
}

const classes = [
  { transfers: 32, size: 512 * 1024, count: 2 },
  { transfers: 512, size: 128 * 1024, count: 1 },
  { transfers: Number.POSITIVE_INFINITY, size: 64 * 1024, count: 1 },
]

/** Idle buffers that are kept, in bytes of each size. */
const idleBytes = 64 * 1024 * 1024

export function createBufferPool(): BufferPool {
  const idle = new Map<number, Buffer[]>()
  let transfers = 0
  return {
    begin() {
      transfers++
      return classes.find(({ transfers: most }) => transfers <= most)!
    },
    end() {
      transfers--
    },
    take: size => idle.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size),
    giveBack(buffer) {
      const buffers = idle.get(buffer.length) ?? []
      idle.set(buffer.length, buffers)
      if ((buffers.length + 1) * buffer.length <= idleBytes) buffers.push(buffer)
    },
  }
}
