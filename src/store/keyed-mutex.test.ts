import { describe, expect, it } from 'vitest'
import { createKeyedMutex } from './keyed-mutex.ts'

describe('a keyed mutex', () => {
  it('lets callers of one key through one at a time, in their order', async () => {
    const mutex = createKeyedMutex<string>()
    const order: number[] = []
    const work = async (index: number): Promise<void> => {
      const release = await mutex.acquire('a')
      order.push(index)
      await new Promise(resolve => setImmediate(resolve))
      order.push(index)
      release()
      release()
    }
    await Promise.all([0, 1, 2, 3].map(work))
    expect(order).toEqual([0, 0, 1, 1, 2, 2, 3, 3])
  })

  it('does not make other keys wait', async () => {
    const mutex = createKeyedMutex<string>()
    await mutex.acquire('a')
    ;(await mutex.acquire('b'))()
    expect(mutex.tryAcquire('a')).toBeUndefined()
    const release = mutex.tryAcquire('b')!
    expect(mutex.tryAcquire('b')).toBeUndefined()
    release()
    expect(mutex.tryAcquire('b')).toBeDefined()
  })
})
