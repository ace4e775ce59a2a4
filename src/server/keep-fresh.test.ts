import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepFresh } from './keep-fresh.ts'

const hour = 3_600_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a server', () => {
  it('refreshes statements when it starts and every hour, until it stops', async () => {
    const refreshStatements = vi.fn(async () => undefined)
    const refreshing = keepFresh({ refreshStatements }, { warn: vi.fn() })
    expect(refreshStatements).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(3 * hour)
    expect(refreshStatements).toHaveBeenCalledTimes(4)
    await refreshing.stop()
    await vi.advanceTimersByTimeAsync(3 * hour)
    expect(refreshStatements).toHaveBeenCalledTimes(4)
  })

  it('begins no second time while the first is under way, and waits for it at its end', async () => {
    const { promise, resolve: finish } = Promise.withResolvers<void>()
    const refreshStatements = vi.fn(() => promise)
    const refreshing = keepFresh({ refreshStatements }, { warn: vi.fn() })
    await vi.advanceTimersByTimeAsync(2 * hour)
    expect(refreshStatements).toHaveBeenCalledTimes(1)
    const stopped = vi.fn()
    const stopping = refreshing.stop().then(stopped)
    await vi.advanceTimersByTimeAsync(0)
    expect(stopped).not.toHaveBeenCalled()
    finish()
    await stopping
  })

  it('says what failed, and tries again', async () => {
    const refreshStatements = vi.fn(async () => {
      throw new Error('the disk is full')
    })
    const warn = vi.fn()
    const refreshing = keepFresh({ refreshStatements }, { warn })
    await vi.advanceTimersByTimeAsync(hour)
    expect(refreshStatements).toHaveBeenCalledTimes(2)
    expect(warn).toHaveBeenCalledTimes(2)
    await refreshing.stop()
  })
})
