import { close, fstat, open } from 'node:fs'
import type { Digest } from '../../model/index.ts'
import { YardError } from '../../model/index.ts'

/** A descriptor that several transfers share. */
export interface OpenFile {
  readonly fd: number
}

/** Descriptors of blobs: a blob never changes, so that one descriptor serves everybody who asks for it within some seconds. */
export interface OpenFiles {
  /**
   * The blob's descriptor, when it is open and has this size: an index may lie about one. Every descriptor that was got is
   * to be released once.
   */
  find(digest: Digest, size: number): OpenFile | undefined
  /** @throws YardError `not-found` when the file is gone, `damaged` when its size is another. */
  open(digest: Digest, file: string, size: number): Promise<OpenFile>
  release(file: OpenFile): void
  close(): void
}

interface Shared extends OpenFile {
  digest: Digest
  size: number
  users: number
  expires: number
}

const mostOpen = 256
/** Not longer, so that a removed or repaired blob's old file does not live on. */
const lifetimeMilliseconds = 5_000

export function createOpenFiles(clock: () => number = () => performance.now()): OpenFiles {
  const files = new Map<Digest, Shared>()
  let sweeping: NodeJS.Timeout | undefined

  function retire(file: Shared): void {
    if (files.get(file.digest) === file) files.delete(file.digest)
    closeIfIdle(file)
  }

  function closeIfIdle(file: Shared): void {
    if (file.users === 0 && files.get(file.digest) !== file) close(file.fd, () => {})
  }

  function sweep(): void {
    for (const file of [...files.values()]) if (file.expires <= clock()) retire(file)
    sweeping = files.size === 0 ? undefined : setTimeout(sweep, lifetimeMilliseconds).unref()
  }

  function find(digest: Digest, size: number): Shared | undefined {
    const file = files.get(digest)
    if (file?.size !== size) return undefined
    if (file.expires <= clock()) {
      retire(file)
      return undefined
    }
    file.users++
    return file
  }

  return {
    find,
    async open(digest, path, size) {
      const fd = await openChecked(digest, path, size)
      const known = find(digest, size)
      if (known !== undefined) {
        close(fd, () => {})
        return known
      }
      const file: Shared = { fd, digest, size, users: 1, expires: clock() + lifetimeMilliseconds }
      files.set(digest, file)
      if (files.size > mostOpen) retire(files.values().next().value!)
      sweeping ??= setTimeout(sweep, lifetimeMilliseconds).unref()
      return file
    },
    release(file) {
      const shared = file as Shared
      shared.users--
      closeIfIdle(shared)
    },
    close() {
      clearTimeout(sweeping)
      for (const file of [...files.values()]) retire(file)
    },
  }
}

function openChecked(digest: Digest, path: string, size: number): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, 'r', (error, fd) => {
      if (error !== null)
        return reject(
          error.code === 'ENOENT' ? new YardError('not-found', `there is no blob ${digest}`) : error,
        )
      fstat(fd, (statError, stats) => {
        if (statError === null && stats.size === size) return resolve(fd)
        close(fd, () => {})
        reject(
          statError ??
            new YardError('damaged', `the blob ${digest} has ${stats.size} bytes, not ${size}`, {
              hint: 'run `switchyard fsck --repair`',
            }),
        )
      })
    })
  })
}
