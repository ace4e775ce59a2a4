import { constants, type FileHandle, open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type ByteString, bytesOf, checkPath, messageOf } from '../../model/index.ts'
import type { FetchCost, Validators } from '../fetcher.ts'
import type { Attempt } from './download.ts'
import type { Fault } from './fault.ts'
import type { Incoming } from './incoming.ts'
import type { Mirror } from './mirror.ts'
import { cancelled } from './slots.ts'

/** Bytes read at once. */
const chunkBytes = 64 * 1024
const wholeChunk = 1024 * 1024

/** Copies a blob, or the rest of it, from a `file:` mirror. */
export function copyFile(
  cost: FetchCost,
  mirror: Mirror,
  path: ByteString,
  incoming: Incoming,
  size: number,
  signal: AbortSignal,
): Promise<Attempt> {
  return withFile(mirror, path, async (file, found) => {
    if (found.size !== size)
      return { kind: 'differs', reason: `it has ${found.size} bytes, the metadata says ${size}` }
    while (incoming.position < size) {
      if (signal.aborted) throw cancelled()
      const wanted = Math.min(chunkBytes, size - incoming.position)
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, incoming.position)
      if (bytesRead === 0) return { kind: 'differs', reason: 'it shrank while it was read' }
      cost.bytes += bytesRead
      await incoming.take(buffer.subarray(0, bytesRead), mirror.base)
    }
    await incoming.flush()
    return { kind: 'arrived' }
  })
}

export type LocalDocument =
  | { kind: 'document'; bytes: Buffer; validators: Validators }
  | { kind: 'not-modified' }
  | { kind: 'too-long' }
  | Fault

/** Reads a document from a `file:` mirror; inode, size and time of its last change stand in for an ETag. */
export function readLocalDocument(
  mirror: Mirror,
  path: ByteString,
  maxBytes: number,
  validators: Validators | undefined,
): Promise<LocalDocument> {
  return withFile(mirror, path, async (file, found): Promise<LocalDocument> => {
    const etag = `"${found.ino}-${found.size}-${found.mtimeMs}"`
    if (etag === validators?.etag) return { kind: 'not-modified' }
    if (found.size > maxBytes) return { kind: 'too-long' }
    const bytes = Buffer.alloc(found.size)
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled)
      if (bytesRead === 0) return { kind: 'broken', reason: 'it shrank while it was read' }
      filled += bytesRead
    }
    return { kind: 'document', bytes, validators: { etag } }
  })
}

/** The chunks of a file of a `file:` mirror; returns why it could not be read. */
export async function* readLocalFile(
  mirror: Mirror,
  path: ByteString,
): AsyncGenerator<Buffer, Fault | undefined> {
  for (let position = 0; ; ) {
    const at = position
    const chunk = await withFile(mirror, path, async file => {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wholeChunk), 0, wholeChunk, at)
      return buffer.subarray(0, bytesRead)
    })
    if (!Buffer.isBuffer(chunk)) return chunk
    if (chunk.length === 0) return undefined
    position += chunk.length
    yield chunk
  }
}

interface Found {
  size: number
  ino: number
  mtimeMs: number
}

async function withFile<T>(
  mirror: Mirror,
  path: ByteString,
  use: (file: FileHandle, found: Found) => Promise<T | Fault>,
): Promise<T | Fault> {
  const base = Buffer.from(`${fileURLToPath(mirror.base)}/`)
  let file: FileHandle
  try {
    const name = Buffer.concat([base, bytesOf(checkPath(path, mirror.base))])
    // Opening a named pipe would wait for its writer.
    file = await open(name, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    return faultOfOpening(error)
  }
  try {
    const found = await file.stat()
    return found.isFile() ? await use(file, found) : { kind: 'absent', reason: 'it is not a file' }
  } finally {
    await file.close()
  }
}

function faultOfOpening(error: unknown): Fault {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG')
    return { kind: 'absent', reason: 'there is no such file' }
  if (code === 'EACCES' || code === 'EPERM')
    return { kind: 'forbidden', reason: 'it may not be read', hint: 'check the permissions of the directory' }
  return { kind: 'unusable', reason: `it cannot be opened (${code ?? messageOf(error)})` }
}
