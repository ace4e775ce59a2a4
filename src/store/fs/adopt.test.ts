import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { createAdopter } from './adopt.ts'
import { createDirectories } from './directories.ts'
import { layoutOf } from './layout.ts'

let root: string
const bytes = Buffer.alloc(2_500_000, 'a package ')
const digest = digestOf(bytes)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'adopt-'))
  writeFileSync(join(root, 'pool.deb'), bytes)
  chmodSync(join(root, 'pool.deb'), 0o400)
})
afterEach(() => rmSync(root, { recursive: true }))

/** Plays a file system that shares blocks, or one that answers with an errno; counts how often it was asked. */
function adopter(answer: 'clones' | 'clones badly' | string) {
  let asked = 0
  const clone: typeof copyFile = async (from, to) => {
    asked++
    if (answer === 'clones') return copyFile(from, to)
    if (answer === 'clones badly') return writeFileSync(to, Buffer.alloc(bytes.length))
    throw Object.assign(new Error(answer), { code: answer, errno: -1 })
  }
  return { adopt: createAdopter(layoutOf(root), createDirectories(), clone), asked: () => asked }
}

describe('adopting a file', () => {
  it('keeps what shares its blocks, under the mode of a blob', async () => {
    const { adopt, asked } = adopter('clones')
    expect(await adopt(join(root, 'pool.deb'), digest)).toEqual({ size: bytes.length })
    const file = layoutOf(root).blob(digest)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(statSync(file).mode & 0o777).toBe(0o444)
    expect(statSync(file).nlink).toBe(1)
    expect(asked()).toBe(1)
  })

  it('verifies the copy, not the source', async () => {
    const { adopt } = adopter('clones badly')
    expect(await adopt(join(root, 'pool.deb'), digest)).toBeUndefined()
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })

  it('copies where blocks cannot be shared, and asks only once', async () => {
    const { adopt, asked } = adopter('EXDEV')
    expect(await adopt(join(root, 'pool.deb'), digestOf(Buffer.from('other')))).toBeUndefined()
    expect(await adopt(join(root, 'pool.deb'), digest)).toEqual({ size: bytes.length })
    expect(readFileSync(layoutOf(root).blob(digest)).equals(bytes)).toBe(true)
    expect(asked()).toBe(1)
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })

  it('leaves nothing when the disk refuses', async () => {
    const { adopt } = adopter('EIO')
    await expect(adopt(join(root, 'pool.deb'), digest)).rejects.toMatchObject({ code: 'EIO' })
    expect(readdirSync(join(root, 'tmp'))).toEqual([])
  })
})
