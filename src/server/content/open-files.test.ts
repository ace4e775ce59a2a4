import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { digestOf } from '../../model/index.ts'
import { createOpenFiles } from './open-files.ts'

const directory = mkdtempSync(join(tmpdir(), 'open-files-'))
const file = join(directory, 'file')
const bytes = Buffer.from('twelve bytes')
const digest = digestOf(bytes)
writeFileSync(file, bytes)
const files = createOpenFiles()
afterAll(() => {
  files.close()
  rmSync(directory, { recursive: true })
})

it('a descriptor is shared with whoever asks for the blob by its digest and its size, and with nobody else', async () => {
  const opened = await files.open(digest, file, bytes.length)
  expect(files.find(digest, bytes.length)).toBe(opened)
  expect(files.find(digest, bytes.length - 1)).toBeUndefined()
  await expect(files.open(digest, file, bytes.length - 1)).rejects.toMatchObject({ code: 'damaged' })
})
