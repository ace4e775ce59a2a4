import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { isHereAgain } from './shards.ts'

vi.mock('node:fs', async original => {
  const real = await original<typeof fs>()
  return { ...real, utimesSync: vi.fn(real.utimesSync) }
})

let directory: string
let file: string
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'shards-'))
  file = join(directory, 'file')
  fs.writeFileSync(file, '')
  const longAgo = Date.now() / 1000 - 7_200
  fs.utimesSync(file, longAgo, longAgo)
})
afterEach(() => fs.rmSync(directory, { recursive: true }))

it('a file that was written long ago counts as written now when it is asked for', () => {
  expect(isHereAgain(file)).toBe(true)
  expect(Date.now() - fs.statSync(file).mtimeMs).toBeLessThan(60_000)
})

it('a file that is removed at the very moment is not here', async () => {
  const { utimesSync } = await vi.importActual<typeof fs>('node:fs')
  vi.mocked(fs.utimesSync).mockImplementationOnce((path, ...times) => {
    fs.rmSync(path as string)
    utimesSync(path, ...times)
  })
  expect(isHereAgain(file)).toBe(false)
})
