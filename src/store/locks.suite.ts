import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Locks } from './locks.ts'

export interface LocksUnderTest {
  locks: Locks
  /** A second way to the same locks, as another process has. */
  others: Locks
  remove(): Promise<void>
}

/** What every driver of Locks does. */
export function describeLocks(driver: string, open: () => Promise<LocksUnderTest>): void {
  describe(`locks in ${driver}`, () => {
    let under: LocksUnderTest

    beforeEach(async () => {
      under = await open()
    })
    afterEach(() => under.remove())

    it('belongs to one holder at a time', async () => {
      const lock = await under.locks.acquire('debian')
      expect(lock).toBeDefined()
      expect(await under.locks.acquire('debian')).toBeUndefined()
      expect(await under.others.acquire('debian')).toBeUndefined()
      lock!.release()
      const next = await under.others.acquire('debian')
      expect(next).toBeDefined()
      lock!.release()
      expect(await under.locks.acquire('debian')).toBeUndefined()
      next!.release()
    })

    it('has nothing to do with other names', async () => {
      const names = ['a', 'A', 'a.b', '..', 'a/b', 'ä €', '%2F', 'x'.repeat(80)]
      const locks = await Promise.all(names.map(name => under.locks.acquire(name)))
      for (const lock of locks) {
        expect(lock).toBeDefined()
        lock!.release()
      }
    })

    it('refuses names that are empty or too long', async () => {
      for (const name of ['', 'x'.repeat(81), '€'.repeat(30)]) {
        await expect(under.locks.acquire(name)).rejects.toMatchObject({ code: 'invalid' })
        await expect(under.locks.holder(name)).rejects.toMatchObject({ code: 'invalid' })
      }
    })

    it('waits as long as it is told, and no longer', async () => {
      const lock = (await under.locks.acquire('debian'))!
      const began = performance.now()
      expect(await under.others.acquire('debian', 60)).toBeUndefined()
      expect(performance.now() - began).toBeGreaterThan(50)
      const waiting = under.others.acquire('debian', 20_000)
      setTimeout(() => lock.release(), 20)
      const next = await waiting
      expect(next).toBeDefined()
      next!.release()
    })

    it('passes through many hands one at a time', async () => {
      let inside = 0
      const work = async (index: number): Promise<void> => {
        const lock = await (index % 2 === 0 ? under.locks : under.others).acquire('contested', 20_000)
        expect(++inside).toBe(1)
        await new Promise(resolve => setTimeout(resolve, 1))
        inside--
        lock!.release()
      }
      await Promise.all(Array.from({ length: 20 }, (_, index) => work(index)))
    })

    it('says who holds it', async () => {
      expect(await under.locks.holder('debian')).toBeUndefined()
      const before = Date.now()
      const lock = (await under.locks.acquire('debian'))!
      const holder = await under.others.holder('debian')
      expect(holder).toMatchObject({ pid: process.pid })
      expect(holder!.since).toBeGreaterThanOrEqual(before)
      lock.release()
      expect(await under.others.holder('debian')).toBeUndefined()
    })
  })
}
