import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedRecords } from './changed-records.ts'

const options = { separator: Buffer.from('\n\n'), windowBytes: 64, maxWindowBytes: 1024 }

/** Short records, and long ones that make a window grow, of few kinds so that many are equal. */
const texts = fc.array(
  fc.oneof(
    fc.nat(9).map(n => `record ${n}`),
    fc.nat(2).map(n => `${n}`.repeat(200)),
  ),
  { maxLength: 80, size: 'max' },
)

async function* chunksOf(text: string, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size))
}

function recordsOf(text: string): string[] {
  return text.split('\n\n').filter(record => record !== '')
}

/** How often each record stands there. */
function tally(records: string[], into: Map<string, number>, step: number): Map<string, number> {
  for (const record of records) into.set(record, (into.get(record) ?? 0) + step)
  for (const [record, count] of into) if (count === 0) into.delete(record)
  return into
}

describe('the changed records of a text', () => {
  it('make the one version into the other, whatever the order, the chunks and the size of records', async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.integer({ min: 1, max: 300 }), async (one, two, size) => {
        const [before, after] = [one, two].map(list => list.map(record => `${record}\n\n`).join(''))
        const changed = (await changedRecords(chunksOf(before!, size), chunksOf(after!, size), options))!
        const made = tally(one, new Map(), 1)
        tally(recordsOf(changed.gone.toString()), made, -1)
        tally(recordsOf(changed.come.toString()), made, 1)
        expect(made).toEqual(tally(two, new Map(), 1))
        expect(changed.count).toBe(two.length)
      }),
      { numRuns: 300 },
    )
  })

  it('cannot be told when a record is longer than a window may be', async () => {
    const long = `${'x'.repeat(2000)}\n\n`
    expect(await changedRecords(chunksOf('a\n\n', 10), chunksOf(long, 10), options)).toBeUndefined()
    expect(await changedRecords(chunksOf(long, 10), chunksOf('a\n\n', 10), options)).toBeUndefined()
  })

  it('let both texts go when one of them fails', async () => {
    let released = false
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.from('a\n\n')
      } finally {
        released = true
      }
    }
    async function* failing(): AsyncGenerator<Buffer> {
      yield Buffer.from('b\n\n')
      throw new Error('cut short')
    }
    await expect(changedRecords(endless(), failing(), options)).rejects.toThrow('cut short')
    expect(released).toBe(true)
  })
})
