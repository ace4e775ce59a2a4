import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageAligned } from '../page-aligned.ts'
import { createDirectWrite } from './direct-write.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'direct-write-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const [aligned] = pageAligned(256 * 1024, 1) as [Buffer]

/** Pieces in memory that is aligned, or a byte off; whole blocks among them, and any number of bytes. */
const pieces = fc.array(
  fc.record({
    length: fc.oneof(
      fc.integer({ min: 1, max: 40 }).map(blocks => blocks * 4096),
      fc.integer({ min: 1, max: 200_000 }),
    ),
    shift: fc.constantFrom(0, 0, 0, 1),
    fill: fc.integer({ min: 0, max: 255 }),
  }),
  { maxLength: 12 },
)

describe('writing around the page cache', () => {
  it('keeps every byte, whatever the pieces and their memory', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.constantFrom(0, 10_000_000), async (list, announced) => {
        const name = join(directory, 'file')
        const fd = openSync(name, 'w+')
        const file = createDirectWrite(fd, name, announced)
        const expected: Buffer[] = []
        let position = 0
        try {
          for (const { length, shift, fill } of list) {
            const piece = aligned.subarray(shift, shift + length).fill(fill)
            piece[length - 1] = fill ^ 0xff
            await file.write(piece, position)
            expected.push(Buffer.from(piece))
            position += length
          }
        } finally {
          file.close()
          closeSync(fd)
        }
        expect(readFileSync(name).equals(Buffer.concat(expected))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('gives each buffer memory of its own', () => {
    const buffers = pageAligned(64 * 1024, 3)
    for (const [index, buffer] of buffers.entries()) buffer.fill(index + 1)
    for (const [index, buffer] of buffers.entries())
      expect(buffer.equals(Buffer.alloc(64 * 1024, index + 1))).toBe(true)
  })
})
