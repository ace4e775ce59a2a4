import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { maximumRefBytes, type Refs } from './refs.ts'

export interface RefsUnderTest {
  refs: Refs
  /** A second way to the same refs, as another process has. */
  others: Refs
  remove(): Promise<void>
}

/** What every driver of Refs does. */
export function describeRefs(driver: string, open: () => Promise<RefsUnderTest>): void {
  describe(`refs in ${driver}`, () => {
    let under: RefsUnderTest
    let refs: Refs

    beforeEach(async () => {
      under = await open()
      refs = under.refs
    })
    afterEach(() => under.remove())

    it('reads what was written last', async () => {
      expect(await refs.read('repositories/debian/latest.json')).toBeUndefined()
      for (const text of ['{"a":1}', 'ünïcödé €', '', 'x'.repeat(100_000)]) {
        await refs.write('repositories/debian/latest.json', text)
        expect(await refs.read('repositories/debian/latest.json')).toBe(text)
      }
    })

    it('creates once', async () => {
      await refs.create('a/b', 'first')
      await expect(refs.create('a/b', 'second')).rejects.toMatchObject({ code: 'exists' })
      expect(await refs.read('a/b')).toBe('first')
      await refs.remove('a/b')
      await refs.create('a/b', 'third')
      expect(await refs.read('a/b')).toBe('third')
    })

    it('lets exactly one of many creators succeed', async () => {
      const attempts = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? refs : under.others).create('contested', `${index}`).then(
          () => index,
          error => error.code,
        ),
      )
      const winners = (await Promise.all(attempts)).filter(result => result !== 'exists')
      expect(winners).toHaveLength(1)
      expect(await refs.read('contested')).toBe(`${winners[0]}`)
    })

    it('ends with one of many writers, whole', async () => {
      const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(5000))
      await Promise.all(
        texts.map((text, index) => (index % 2 === 0 ? refs : under.others).write('busy', text)),
      )
      expect(texts).toContain(await refs.read('busy'))
    })

    it('lists names directly under a directory, sorted, refs and directories alike', async () => {
      for (const name of ['r/b/latest', 'r/b/snapshots/2', 'r/b/snapshots/10', 'r/a/latest', 'z', 'r.x/q'])
        await refs.write(name, name)
      expect(await refs.list('')).toEqual(['r', 'r.x', 'z'])
      expect(await refs.list('r')).toEqual(['a', 'b'])
      expect(await refs.list('r/b')).toEqual(['latest', 'snapshots'])
      expect(await refs.list('r/b/snapshots')).toEqual(['10', '2'])
      expect(await refs.list('nothing/here')).toEqual([])
      expect(await refs.list('z')).toEqual([])
      expect(await refs.list('z/below')).toEqual([])
    })

    it('gives a list that the caller may change', async () => {
      await refs.write('d/a', '')
      await setTimeout(60)
      for (let i = 0; i < 3; i++) (await refs.list('d')).push('mine')
      expect(await refs.list('d')).toEqual(['a'])
    })

    it('removes, also what never was, and leaves no empty directory in a list', async () => {
      await refs.write('r/a/one', '1')
      await refs.write('r/b/two', '2')
      await refs.remove('r/a/one')
      await refs.remove('r/a/one')
      await refs.remove('never/was')
      await refs.remove('r/b')
      expect(await refs.read('r/a/one')).toBeUndefined()
      expect(await refs.list('r')).toEqual(['b'])
      await refs.remove('r/b/two')
      expect(await refs.list('')).toEqual([])
      await refs.write('r/a/one', 'again')
      expect(await refs.read('r/a/one')).toBe('again')
    })

    it('keeps refs that come into a directory while others leave it', async () => {
      for (let round = 0; round < 20; round++) {
        await refs.write('d/e/leaves', '')
        await Promise.all([refs.remove('d/e/leaves'), under.others.write(`d/e/stays${round}`, `${round}`)])
        expect(await refs.read(`d/e/stays${round}`)).toBe(`${round}`)
        await refs.remove(`d/e/stays${round}`)
      }
    })

    it("sees another process's changes at the next call, however quickly they come", async () => {
      for (let round = 0; round < 60; round++) {
        const text = `${round % 10}`
        await under.others.write('seen/ref', text)
        expect(await refs.read('seen/ref')).toBe(text)
        await under.others.write(`seen/new${round}`, '')
        expect(await refs.list('seen')).toContain(`new${round}`)
        if (round % 20 === 0) await setTimeout(70)
      }
      await under.others.remove('seen/ref')
      expect(await refs.read('seen/ref')).toBeUndefined()
      expect(await refs.list('seen')).not.toContain('ref')
    })

    it('refuses names that could leave their place', async () => {
      for (const name of [
        '',
        '/a',
        'a/',
        'a//b',
        '../a',
        'a/../b',
        './a',
        'a\0b',
        'a\nb',
        'ä',
        'x'.repeat(256),
      ]) {
        await expect(refs.write(name, '')).rejects.toMatchObject({ code: 'invalid' })
        await expect(refs.create(name, '')).rejects.toMatchObject({ code: 'invalid' })
        await expect(refs.read(name)).rejects.toMatchObject({ code: 'invalid' })
        await expect(refs.remove(name)).rejects.toMatchObject({ code: 'invalid' })
        if (name !== '') await expect(refs.list(name)).rejects.toMatchObject({ code: 'invalid' })
      }
    })

    it('refuses a name that is a directory of refs, or below a ref', async () => {
      await refs.write('a/b', 'kept')
      for (const name of ['a', 'a/b/c', 'a/b/c/d']) {
        await expect(refs.write(name, '')).rejects.toMatchObject({ code: 'invalid' })
        await expect(refs.create(name, '')).rejects.toMatchObject({ code: 'invalid' })
        expect(await refs.read(name)).toBeUndefined()
      }
      expect(await refs.read('a/b')).toBe('kept')
    })

    it('refuses a text that is too large', async () => {
      await refs.write('a', 'kept')
      await expect(refs.write('a', 'x'.repeat(maximumRefBytes + 1))).rejects.toMatchObject({
        code: 'invalid',
      })
      expect(await refs.read('a')).toBe('kept')
    })

    it('holds after any history what a map would hold', async () => {
      const names = ['a', 'b/c', 'b/d', 'b/e/f']
      const step = fc.tuple(
        fc.constantFrom('write', 'create', 'remove'),
        fc.constantFrom(...names),
        fc.string(),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
          const model = new Map<string, string>()
          for (const [verb, name, text] of steps) {
            if (verb === 'remove') await refs.remove(name)
            else if (verb === 'write') await refs.write(name, text)
            else await refs.create(name, text).catch(error => expect(error.code).toBe('exists'))
            if (verb === 'remove') model.delete(name)
            else if (verb === 'write' || !model.has(name)) model.set(name, text)
          }
          for (const name of names) expect(await under.others.read(name)).toBe(model.get(name))
          for (const name of names) await refs.remove(name)
          expect(await refs.list('')).toEqual([])
        }),
        { numRuns: 15 },
      )
    })
  })
}
