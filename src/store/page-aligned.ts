/**
 * Buffers of so many bytes (a multiple of 64 KiB) whose memory begins at a page, as writing around the page cache wants it.
 * WebAssembly's memory is the one kind of which Node promises that; it is taken from the machine when it is first used.
 */
export function pageAligned(bytes: number, count: number): Buffer[] {
  const pages = (bytes * count) / wasmPageBytes
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages })
  return Array.from({ length: count }, (_, index) => Buffer.from(buffer, index * bytes, bytes))
}

/** TypeScript knows it as a part of browsers only. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number; maximum: number }) => { buffer: ArrayBuffer }
}

const wasmPageBytes = 64 * 1024
