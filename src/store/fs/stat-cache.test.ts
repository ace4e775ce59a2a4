import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStatCache, exactStatOf } from './stat-cache.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stat-cache-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function file(
  name: string,
  text: string,
): { path: string; stats: NonNullable<ReturnType<typeof exactStatOf>> } {
  const path = join(directory, name)
  writeFileSync(path, text)
  return { path, stats: exactStatOf(path)! }
}

describe('a stat cache', () => {
  it('remembers a file that has not changed for a while', () => {
    const cache = createStatCache<string>(100, () => Date.now() + 50)
    const { path, stats } = file('a', 'one')
    cache.keep(path, stats, 'one', 3)
    expect(cache.find(path, exactStatOf(path)!)).toBe('one')
    expect(cache.find(path, file('a', 'longer').stats)).toBeUndefined()
  })

  it('does not trust a file that changed within the grain of time stamps, or in the future', () => {
    for (const skew of [0, -60_000]) {
      const cache = createStatCache<string>(100, () => Date.now() + skew)
      const { path, stats } = file('a', 'one')
      cache.keep(path, stats, 'one', 3)
      expect(cache.find(path, stats)).toBeUndefined()
    }
  })

  it('forgets what was used least recently when it is full', () => {
    const cache = createStatCache<string>(10, () => Date.now() + 50)
    const files = ['a', 'b', 'c'].map(name => file(name, name))
    for (const { path, stats } of files.slice(0, 2)) cache.keep(path, stats, path, 4)
    expect(cache.find(files[0]!.path, files[0]!.stats)).toBeDefined()
    cache.keep(files[2]!.path, files[2]!.stats, 'c', 4)
    expect(files.map(({ path, stats }) => cache.find(path, stats) !== undefined)).toEqual([true, false, true])
    cache.keep(files[2]!.path, files[2]!.stats, 'too heavy', 11)
    expect(cache.find(files[2]!.path, files[2]!.stats)).toBeUndefined()
    cache.keep(files[1]!.path, files[1]!.stats, 'b', 6)
    expect(cache.find(files[0]!.path, files[0]!.stats)).toBeDefined()
  })

  it('finds nothing where there is nothing', () => {
    expect(exactStatOf(join(directory, 'missing'))).toBeUndefined()
    expect(exactStatOf(join(file('a', '').path, 'below'))).toBeUndefined()
  })
})
