import { randomUUID } from 'node:crypto'
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Replaces a small file as a whole: whatever happens, either the old content or the new one is there. The new file is
 * on the disk, under its name, when this resolves.
 */
export async function writeDurably(file: string, content: string, mode: number): Promise<void> {
  const temporary = `${file}.new`
  // Opening an existing file would keep its mode.
  await rm(temporary, { force: true })
  await synced(await open(temporary, 'wx', mode), handle => handle.writeFile(content))
  await rename(temporary, file)
  await synced(await open(dirname(file), 'r'), async () => {})
}

/**
 * As `writeDurably`, where no file of that name is yet. On a file system without links (a stick) a crash may leave a part of it.
 * @throws the system's `EEXIST` when there is one; it was not changed.
 */
export async function createDurably(file: string, content: string, mode: number): Promise<void> {
  const temporary = `${file}.${randomUUID()}.new`
  const write = (handle: FileHandle) => handle.writeFile(content)
  try {
    await synced(await open(temporary, 'wx', mode), write)
    await link(temporary, file).catch(async error => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
      await synced(await open(file, 'wx', mode), write)
    })
  } finally {
    await rm(temporary, { force: true })
  }
  await synced(await open(dirname(file), 'r'), async () => {})
}

async function synced(handle: FileHandle, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(handle)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
