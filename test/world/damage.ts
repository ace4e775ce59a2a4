import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { TestYard } from './test-yard.ts'

/** The file on disk that holds an object: its name is, or ends with, the digest. */
export function fileOf(yard: TestYard, room: 'blobs' | 'pages', digest: string): string {
  const found = readdirSync(join(yard.directory, room), { recursive: true, encoding: 'utf8' })
    .map(name => join(yard.directory, room, name))
    .filter(file => statSync(file).isFile() && file.replaceAll('/', '').includes(digest))
  expect(found).toHaveLength(1)
  return found[0]!
}

/** Changes one bit of a file. */
export function flip(file: string): void {
  const bytes = readFileSync(file)
  bytes[Math.floor(bytes.length / 2)]! ^= 1
  rmSync(file)
  writeFileSync(file, bytes)
}
