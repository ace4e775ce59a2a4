import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { withoutSymbols } from './without-symbols.ts'

describe('a program without its symbols', () => {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-elf-'))
  afterAll(() => rmSync(directory, { recursive: true }))
  const node = readFileSync(process.execPath)
  const file = join(directory, 'node')
  const cut = withoutSymbols(node, 'node')
  beforeAll(() => {
    writeFileSync(file, cut)
    chmodSync(file, 0o755)
  })

  it('runs as before', () => {
    const program = 'process.stdout.write(crypto.createHash("sha256").update("x").digest("hex"))'
    expect(execFileSync(file, ['-e', program]).toString()).toBe(
      '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    )
  })

  it('is no larger than what strip leaves', () => {
    const stripped = join(directory, 'stripped')
    execFileSync('strip', ['-o', stripped, process.execPath])
    expect(cut.length).toBeLessThanOrEqual(readFileSync(stripped).length)
    expect(cut.length).toBeLessThan(node.length)
  })

  it('loses nothing more when it is cut again', () =>
    expect(withoutSymbols(cut, 'node').equals(cut)).toBe(true))
})

describe('what is no program', () => {
  const head = readFileSync(process.execPath).subarray(0, 2000)

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a script', Buffer.from(`#!/bin/sh\n${'#'.repeat(100)}`)],
    ['a program of 32 bits', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1]), head.subarray(5)])],
    ['the beginning of a program', head],
  ])('is refused: %s', (_, bytes) => {
    expect(() => withoutSymbols(bytes, 'it')).toThrow(/^it is no 64-bit ELF program: /)
  })

  it('never leads outside of its bytes', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(199), fc.nat(255)), { maxLength: 20 }), changes => {
        const bytes = Buffer.from(head)
        for (const [at, value] of changes) bytes[at] = value
        try {
          expect(withoutSymbols(bytes, 'it').length).toBeLessThanOrEqual(bytes.length)
        } catch (error) {
          expect(isYardError(error, 'invalid')).toBe(true)
        }
      }),
    ))
})
