import { setImmediate as immediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { inBatches } from './in-batches.ts'

/** Work that is done when the test says so. */
function controlled() {
  const batches: { items: readonly number[]; finish: PromiseWithResolvers<readonly number[]> }[] = []
  const ask = inBatches(3, (items: readonly number[]) => {
    const finish = Promise.withResolvers<readonly number[]>()
    batches.push({ items, finish })
    return finish.promise
  })
  return { batches, ask }
}

/** A few turns of the event loop. */
async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await immediate()
}

describe('work in batches', () => {
  it('takes together what came while some was under way, at most so many', async () => {
    const { batches, ask } = controlled()
    const first = ask(1)
    await turns()
    const rest = [2, 3, 4, 5].map(ask)
    await turns()
    expect(batches.map(({ items }) => items)).toEqual([[1]])
    batches[0]!.finish.resolve([10])
    expect(await first).toBe(10)
    await turns()
    batches[1]!.finish.resolve([20, 30, 40])
    await turns()
    batches[2]!.finish.resolve([50])
    expect(await Promise.all(rest)).toEqual([20, 30, 40, 50])
    expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3, 4], [5]])
  })

  it('that fails fails for its own batch alone', async () => {
    const { batches, ask } = controlled()
    const failed = Promise.allSettled([ask(1), ask(2)])
    await turns()
    const next = ask(3)
    batches[0]!.finish.reject(new Error('no database'))
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await turns()
    batches[1]!.finish.resolve([30])
    expect(await next).toBe(30)
  })
})
