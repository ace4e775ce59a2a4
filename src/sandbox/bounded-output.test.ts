import fc from 'fast-check'
import { expect, it } from 'vitest'
import { boundedOutput } from './bounded-output.ts'

it('keeps the head and the tail within the limit, and counts the rest', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 50 }),
      fc.nat(500),
      (chunks, limit) => {
        const output = boundedOutput(limit)
        for (const chunk of chunks) output.append(chunk)
        const all = Buffer.concat(chunks)
        const { head, tail, leftOut } = output.result()
        expect(head.length + tail.length).toBe(Math.min(limit, all.length))
        expect(head.length + tail.length + leftOut).toBe(all.length)
        expect(all.subarray(0, head.length).equals(head)).toBe(true)
        expect(all.subarray(all.length - tail.length).equals(tail)).toBe(true)
        if (leftOut > 0) expect(Math.abs(head.length - tail.length)).toBeLessThanOrEqual(1)
      },
    ),
  )
})

it('keeps no more than it must of a program that never stops writing', () => {
  const output = boundedOutput(1000)
  const chunk = Buffer.alloc(65_536, 'x')
  for (let i = 0; i < 20_000; i++) output.append(chunk)
  const { head, tail, leftOut } = output.result()
  expect([head.length, tail.length, leftOut]).toEqual([500, 500, 20_000 * 65_536 - 1000])
})
