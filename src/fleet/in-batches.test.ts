import { describe, expect, it } from 'vitest'
import { inBatches } from './in-batches.ts'

/** Work that is done when the test says so. */
function controlled() {
  const batches: { items: readonly number[]; finish: PromiseWithResolvers<readonly number[]> }[] = []
  const work = (items: readonly number[]) => {
    const finish = Promise.withResolvers<readonly number[]>()
    batches.push({ items, finish })
    return finish.promise
  }
  return { batches, ask: inBatches(3, work) }
}

describe('work in batches', () => {
  it('begins at once, and takes together what came meanwhile, at most so many', async () => {
    const { batches, ask } = controlled()
    const answers = [1, 2, 3, 4, 5].map(ask)
    expect(batches.map(({ items }) => items)).toEqual([[1]])
    batches[0]!.finish.resolve([10])
    await answers[0]
    expect(batches[1]!.items).toEqual([2, 3, 4])
    batches[1]!.finish.resolve([20, 30, 40])
    await answers[3]
    expect(batches[2]!.items).toEqual([5])
    batches[2]!.finish.resolve([50])
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50])
  })

  it('that fails fails for its own batch alone', async () => {
    const { batches, ask } = controlled()
    const [first, second, third] = [ask(1), ask(2), ask(3)]
    batches[0]!.finish.resolve([1])
    await first
    batches[1]!.finish.reject(new Error('no database'))
    await expect(second).rejects.toThrow('no database')
    await expect(third).rejects.toThrow('no database')
    const fourth = ask(4)
    batches[2]!.finish.resolve([4])
    expect(await fourth).toBe(4)
  })
})
