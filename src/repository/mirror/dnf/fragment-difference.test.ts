import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fragmentDifference } from './fragment-difference.ts'

async function* streamOf(texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text)
}

async function difference(before: string[], after: string[], limit = 1e6) {
  const found = await fragmentDifference(streamOf(before), streamOf(after), limit)
  return found && { gone: found.gone.map(String).sort(), come: found.come.map(String).sort() }
}

/** Multiset difference, the slow way. */
function without(from: string[], others: string[]): string[] {
  const left = [...from]
  for (const other of others) if (left.includes(other)) left.splice(left.indexOf(other), 1)
  return left.sort()
}

describe('fragmentDifference', () => {
  it('is the multiset difference in both directions, whatever the order', async () => {
    const fragments = fc.array(fc.constantFrom('a', 'b', 'c', 'dd', 'ee', 'f'), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fragments, fragments, async (before, after) => {
        expect(await difference(before, after)).toEqual({
          gone: without(before, after),
          come: without(after, before),
        })
      }),
    )
  })

  it('falls back into step behind an insertion: little waits, however long the documents are', async () => {
    const long = Array.from({ length: 500 }, (_, i) => `package ${i}`)
    const changed = ['new', ...long.slice(0, 200), 'newer', ...long.slice(201)]
    expect(await difference(long, changed, 100)).toEqual({ gone: ['package 200'], come: ['new', 'newer'] })
  })

  it('gives up when too much waits', async () => {
    expect(await difference(['aaaa', 'bbbb'], ['cccc', 'dddd'], 10)).toBeUndefined()
  })
})
