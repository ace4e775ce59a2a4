import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { decompressAll } from './decompress.ts'
import { expectOnlyYardErrors } from './mutation.fixture.ts'
import { assembleXz, blockOf, type XzCheck } from './xz-blocks.ts'

function xz(bytes: Uint8Array, ...options: string[]): Buffer {
  return execFileSync('xz', ['-c', ...options], { input: bytes, maxBuffer: 1 << 28 })
}

const one = Buffer.from('the first block, '.repeat(1000))
const two = Buffer.from('and the second one\n')

describe('assembling one .xz stream out of blocks', () => {
  it.each<XzCheck>(['none', 'crc32', 'crc64', 'sha256'])('gives a stream that xz reads (%s)', check => {
    const blocks = [one, two].map(part => blockOf(xz(part, '--check', check)))
    const stream = assembleXz(blocks, check)
    expect(xz(stream, '-d').equals(Buffer.concat([one, two]))).toBe(true)
    expect(spawnSync('xz', ['-t'], { input: stream }).status).toBe(0)
  })

  it('makes of one block exactly the stream that xz made', () => {
    const made = xz(one)
    expect(assembleXz([blockOf(made)], 'crc64').equals(made)).toBe(true)
  })

  it('makes of no blocks exactly what xz makes of nothing', () => {
    expect(assembleXz([], 'crc64').equals(xz(Buffer.alloc(0)))).toBe(true)
  })

  it('takes blocks with sizes in their headers, as xz -T2 writes them', () => {
    const blocks = [blockOf(xz(one, '-T2')), blockOf(xz(two))]
    expect(xz(assembleXz(blocks, 'crc64'), '-d').equals(Buffer.concat([one, two]))).toBe(true)
  })

  it('counts as xz --list counts, for a thousand blocks of every padding', () => {
    const kinds = [one, two, Buffer.from('x'), Buffer.from('xyz 123')].map(part => ({
      part,
      block: blockOf(xz(part)),
    }))
    const many = Array.from({ length: 1000 }, (_, i) => kinds[i % kinds.length]!)
    const stream = assembleXz(
      many.map(({ block }) => block),
      'crc64',
    )
    const content = Buffer.concat(many.map(({ part }) => part))
    const listed = listXz(stream)
    const summary = listed.find(line => line[0] === 'file')!
    expect(summary.slice(1, 5)).toEqual(['1', '1000', `${stream.length}`, `${content.length}`])
    expect(listed.filter(line => line[0] === 'block')).toHaveLength(1000)
    expect(xz(stream, '-d').equals(content)).toBe(true)
  })

  it('gives a stream that our own reader reads', async () => {
    const stream = assembleXz([blockOf(xz(one)), blockOf(xz(two))], 'crc64')
    const content = await decompressAll('xz', stream, { maxBytes: 1e6, object: 'stream' })
    expect(content.equals(Buffer.concat([one, two]))).toBe(true)
  })

  it('refuses a block with another check', () => {
    const block = blockOf(xz(one, '--check=crc32'))
    expect(() => assembleXz([block], 'crc64')).toThrow('crc32')
  })
})

describe('cutting the block out of a stream', () => {
  it('tells the sizes that xz --list tells', () => {
    const made = xz(one)
    const block = blockOf(made)
    const listed = listXz(made).find(line => line[0] === 'block')!
    expect(block).toMatchObject({ check: 'crc64', uncompressedSize: one.length })
    expect(`${block.bytes.length}`).toBe(listed[6])
    expect(`${block.uncompressedSize}`).toBe(listed[7])
  })

  it.each([
    ['nothing', () => Buffer.alloc(0)],
    ['a stream without a block', () => xz(Buffer.alloc(0))],
    ['a stream of two blocks', () => xz(one, '--block-size=10000')],
    ['two streams', () => Buffer.concat([xz(one), xz(two)])],
    ['stream padding', () => Buffer.concat([xz(one), Buffer.alloc(4)])],
    ['a truncated stream', () => xz(one).subarray(0, -4)],
    ['gzip', () => execFileSync('gzip', ['-c'], { input: one })],
  ])('refuses %s', (_, make) => {
    expect(() => blockOf(make())).toThrow('not an .xz stream of one block')
  })

  it('finds every damaged byte of the framing', () => {
    const made = xz(two)
    const block = blockOf(made)
    const dataEnd = 12 + block.unpaddedSize - 8
    for (let i = 0; i < made.length; i++) {
      if (i >= 24 && i < dataEnd + 12) continue
      const damaged = Buffer.from(made)
      damaged[i]! ^= 0x40
      expect(() => blockOf(damaged), `byte ${i}`).toThrow('not an .xz stream of one block')
    }
  })

  it('throws nothing but YardErrors on damaged streams', async () => {
    const seeds = [xz(two), xz(one, '-T2'), xz(one, '--block-size=10000')]
    await expectOnlyYardErrors(seeds, async bytes => blockOf(bytes), 1000)
  })
})

/** The rows of `xz --robot -lvv`, which reads only files. */
function listXz(stream: Buffer): string[][] {
  const script =
    'f=$(mktemp --suffix=.xz) && cat > "$f" && xz --robot -lvv "$f"; status=$?; rm -f "$f"; exit $status'
  const output = execFileSync('sh', ['-c', script], { input: stream, encoding: 'utf8', maxBuffer: 1 << 26 })
  return output.split('\n').map(line => line.split('\t'))
}
