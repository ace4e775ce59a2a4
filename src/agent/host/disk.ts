import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { YardError } from '../../model/index.ts'

/**
 * Replaces a file as a whole. Whenever the machine dies, either the old content or the new one is there; when this returns, the new
 * one is on the disk: written under another name, fsync, rename, fsync of the directory.
 * @throws YardError `no-space` or `unavailable`; the old content is untouched and nothing else is left.
 */
export function replaceFile(file: string, content: string | Uint8Array): void {
  onDisk('writing', file, () => {
    const directory = dirname(file)
    mkdirSync(directory, { recursive: true, mode: directoryMode })
    // One writer at a time holds the lock, so a file of that name is what a dead one left.
    const temporary = `${file}.new`
    rmSync(temporary, { force: true })
    try {
      writeSynced(temporary, Buffer.from(content))
      renameSync(temporary, file)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
    syncDirectory(directory)
  })
}

/** Removes a file or a directory with everything in it. None is as well. */
export function removePath(path: string): void {
  onDisk('removing', path, () => rmSync(path, { recursive: true, force: true }))
}

/**
 * A regular file's bytes; undefined when there is none.
 * @throws YardError `invalid` when it has more than `maximum` bytes or is no regular file, `unavailable` when the disk refuses.
 */
export function readFile(file: string, maximum: number): Buffer | undefined {
  const bytes = readStart(file, maximum + 1)
  if (bytes !== undefined && bytes.length > maximum)
    throw new YardError('invalid', `${file} has more than the ${maximum} bytes that it may have`)
  return bytes
}

/** As readFile, but of a longer file its first `most` bytes. */
export function readStart(file: string, most: number): Buffer | undefined {
  return onDisk('reading', file, () => {
    let fd: number
    try {
      // Opening a pipe would wait for somebody who writes to it.
      fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile()) throw new YardError('invalid', `${file} is not a regular file`)
      return readFrom(fd, Math.min(stat.size, most))
    } finally {
      closeSync(fd)
    }
  })
}

/** Names in a directory, sorted; none when there is no directory. */
export function namesIn(directory: string): string[] {
  return onDisk('reading', directory, () => {
    try {
      return readdirSync(directory).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  })
}

export function makeDirectory(directory: string): void {
  onDisk('making', directory, () => mkdirSync(directory, { recursive: true, mode: directoryMode }))
}

/** Runs `work`; what the operating system refuses becomes an error that says on which file and what to do. */
export function onDisk<T>(doing: string, file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = errnoOf(error)
    if (code === undefined) throw error
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new YardError(
        'no-space',
        `${doing} ${file}: no space is left; what was there before is untouched`,
        {
          hint: 'free some space; the next check goes on from what is there',
          cause: error,
        },
      )
    const who = code === 'EACCES' || code === 'EPERM' ? ` for user ${process.geteuid?.()}` : ''
    throw new YardError(
      'unavailable',
      `${doing} ${file}: ${reasons[code] ?? code}${who}; what was there before is untouched`,
      { hint: 'check the owner, the permissions and the disk of that path', cause: error },
    )
  }
}

/** `ENOENT` and its like; undefined for anything that is no system error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'errno' in error && 'code' in error ? String(error.code) : undefined
}

/** Identity and what the host follows are nobody else's business. */
const directoryMode = 0o750
const fileMode = 0o600

const reasons: { [code: string]: string } = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
}

function isMissing(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT'
}

function writeSynced(file: string, bytes: Buffer): void {
  const fd = openSync(file, 'wx', fileMode)
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function readFrom(fd: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  let filled = 0
  for (let read = -1; read !== 0 && filled < length; filled += read)
    read = readSync(fd, buffer, filled, length - filled, null)
  return buffer.subarray(0, filled)
}
