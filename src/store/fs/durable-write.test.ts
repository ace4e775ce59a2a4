import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectories, type Directories } from './directories.ts'
import { createFile, type NewFile, writeFiles } from './durable-write.ts'
import { layoutOf } from './layout.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'durable-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const file = (name: string): NewFile => ({ target: join(root, name), bytes: Buffer.from(name), mode: 0o444 })

/** Directories that tell what was in them whenever they were synced. */
function watched(fail?: Error): {
  directories: Directories
  synced: { directory: string; names: string[] }[]
} {
  const synced: { directory: string; names: string[] }[] = []
  const real = createDirectories()
  const sync = async (directory: string): Promise<void> => {
    synced.push({ directory, names: readdirSync(directory).sort() })
    if (fail !== undefined) throw fail
  }
  return { directories: { ...real, sync }, synced }
}

describe('a durable write', () => {
  it('syncs each directory once, after every name is in it', async () => {
    const { directories, synced } = watched()
    const names = ['a/1', 'a/2', 'a/3', 'b/1']
    await writeFiles(layoutOf(root), directories, names.map(file))
    expect(synced.sort((one, other) => (one.directory < other.directory ? -1 : 1))).toEqual([
      { directory: join(root, 'a'), names: ['1', '2', '3'] },
      { directory: join(root, 'b'), names: ['1'] },
    ])
    for (const name of names) expect(readFileSync(join(root, name), 'utf8')).toBe(name)
  })

  it('tells when a directory could not be synced', async () => {
    const { directories } = watched(new Error('the disk is gone'))
    await expect(writeFiles(layoutOf(root), directories, [file('a/1')])).rejects.toThrow('the disk is gone')
    await expect(createFile(layoutOf(root), directories, file('a/2'))).rejects.toThrow('the disk is gone')
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })

  it('leaves no temporary file when a name is taken', async () => {
    const { directories } = watched()
    expect(await createFile(layoutOf(root), directories, file('a/1'))).toBe(true)
    expect(await createFile(layoutOf(root), directories, { ...file('a/1'), bytes: Buffer.from('2') })).toBe(
      false,
    )
    expect(readFileSync(join(root, 'a/1'), 'utf8')).toBe('a/1')
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })
})

describe('directories', () => {
  it('are made with their parents, once and by many callers at once', async () => {
    const directories = createDirectories()
    const deep = join(root, 'x/y/z')
    await Promise.all(Array.from({ length: 20 }, () => directories.ensure(deep, 0o755)))
    expect(existsSync(deep)).toBe(true)
    rmSync(join(root, 'x'), { recursive: true })
    await directories.ensureAgain(deep, 0o755)
    expect(existsSync(deep)).toBe(true)
  })

  it('are synced for many callers at once, also when they are gone', async () => {
    const directories = createDirectories()
    await Promise.all(Array.from({ length: 50 }, () => directories.sync(root)))
    await directories.sync(join(root, 'gone'))
  })
})
