import { closeSync, fchmodSync, fstatSync, linkSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { YardError } from '../../model/index.ts'
import type { Directories } from './directories.ts'
import { errnoOf } from './disk-error.ts'
import { openFile, syncFile, writeAll } from './file-io.ts'
import { type Layout, privateMode, publicMode } from './layout.ts'
import { removeFile } from './remove-file.ts'

/** Bytes and the file that shall hold them. */
export interface NewFile {
  target: string
  bytes: Uint8Array
  mode: number
}

/** A temporary file, open and completely written, and what it shall become. */
export interface WrittenFile {
  fd: number
  temporary: string
  target: string
  length: number
  mode: number
}

/**
 * The one way in which a file of a store comes to be. It is either not there or whole, whenever the process or the
 * machine dies, and durable when the call resolves:
 *  1. a temporary file of the same file system, so that step 5 is a rename and nobody sees half a file;
 *  2. write;
 *  3. compare the length with what was meant: some file systems report a full disk only there;
 *  4. fsync the file, or the name could become durable before the bytes (a file of zeros after a power cut);
 *  5. rename, which replaces atomically (or link, which refuses to replace);
 *  6. fsync the directory, or the name could be lost again, once for the whole batch.
 */
export async function writeFiles(layout: Layout, directories: Directories, files: NewFile[]): Promise<void> {
  await directories.ensure(layout.tmp, privateMode)
  const ready: WrittenFile[] = []
  try {
    await eachOf(files, async file => {
      const written = await writeTemporary(layout.temporary(), file)
      ready.push(written)
      await makeDurable(written)
    })
    await place(directories, ready)
  } catch (error) {
    for (const { temporary } of ready) removeFile(temporary)
    throw error
  }
}

/** Creates one file; false when the name is taken, whoever else tries at the same time. */
export async function createFile(layout: Layout, directories: Directories, file: NewFile): Promise<boolean> {
  await directories.ensure(layout.tmp, privateMode)
  const { temporary, target, ...written } = await writeTemporary(layout.temporary(), file)
  try {
    await makeDurable({ temporary, target, ...written })
    if (!(await intoDirectory(directories, target, () => tryLink(temporary, target)))) return false
    await directories.sync(dirname(target))
    return true
  } finally {
    removeFile(temporary)
  }
}

/** Steps 3 to 6 for one file that was written elsewhere. Closes it in any case. */
export async function publishFile(directories: Directories, file: WrittenFile): Promise<void> {
  await makeDurable(file)
  await place(directories, [file])
}

async function writeTemporary(temporary: string, file: NewFile): Promise<WrittenFile> {
  const fd = await openFile(temporary, 'wx', 0o600)
  try {
    await writeAll(fd, file.bytes, 0)
    return { fd, temporary, target: file.target, length: file.bytes.length, mode: file.mode }
  } catch (error) {
    closeSync(fd)
    removeFile(temporary)
    throw error
  }
}

/** A file that fails here is removed: after a failed fsync the kernel may count bytes as clean that never reached the disk. */
async function makeDurable({ fd, temporary, length, mode }: WrittenFile): Promise<void> {
  try {
    const { size } = fstatSync(fd)
    if (size !== length)
      throw new YardError('unavailable', `the file system kept ${size} of ${length} bytes of ${temporary}`)
    fchmodSync(fd, mode)
    await syncFile(fd)
  } catch (error) {
    removeFile(temporary)
    throw error
  } finally {
    closeSync(fd)
  }
}

async function place(directories: Directories, files: WrittenFile[]): Promise<void> {
  for (const { temporary, target } of files)
    await intoDirectory(directories, target, () => renameSync(temporary, target))
  const changed = new Set(files.map(({ target }) => dirname(target)))
  await eachOf([...changed], directory => directories.sync(directory))
}

/** Makes the directory of the target first, and again when somebody removes it, empty, before the target is in it. */
async function intoDirectory<T>(directories: Directories, target: string, work: () => T): Promise<T> {
  const directory = dirname(target)
  await directories.ensure(directory, publicMode)
  for (let attempt = 1; ; attempt++)
    try {
      return work()
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === 5) throw error
      await directories.ensureAgain(directory, publicMode)
    }
}

/** A hard link refuses to replace, where a rename would. */
function tryLink(temporary: string, target: string): boolean {
  try {
    linkSync(temporary, target)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** More at once only queue up before libuv's threads, and cost open files. */
const atOnce = 16

/** Runs `work` for every item, some at once; after a failure, no further one is begun and those under way are awaited. */
async function eachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    try {
      while (next < items.length) await work(items[next++]!)
    } catch (error) {
      next = items.length
      throw error
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, lane))
  for (const result of lanes) if (result.status === 'rejected') throw result.reason
}
