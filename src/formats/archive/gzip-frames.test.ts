import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { gzipFrame } from './gzip-frames.ts'

const text = Buffer.from('Package: switchyard\nVersion: 1.0\n\n'.repeat(500))

describe('gzipFrame', () => {
  it('gives a member with neither time nor name, made on Unix', async () => {
    expect((await gzipFrame(text)).subarray(0, 10).toString('hex')).toBe('1f8b0800000000000003')
  })

  it('gives the same member for the same bytes', async () => {
    const [a, b] = await Promise.all([gzipFrame(text), gzipFrame(Buffer.from(text))])
    expect(a.equals(b)).toBe(true)
  })

  it('gives members that zcat reads one after another, empty ones too', async () => {
    const members = await Promise.all([text, Buffer.alloc(0), Buffer.from('end')].map(gzipFrame))
    const content = execFileSync('zcat', { input: Buffer.concat(members) })
    expect(content.equals(Buffer.concat([text, Buffer.from('end')]))).toBe(true)
  })

  it('is about as small as gzip -6', async () => {
    const theirs = execFileSync('gzip', ['-6nc'], { input: text }).length
    expect((await gzipFrame(text)).length).toBeLessThanOrEqual(theirs + 20)
  })
})
