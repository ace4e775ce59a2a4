import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { play } from './child.fixture.ts'
import { tryKernelLock } from './kernel-lock.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kernel lock #?%'))
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('a kernel lock', () => {
  it('leaves one empty file', () => {
    const file = join(directory, 'a?b%20c#d')
    const lock = tryKernelLock(file)!
    expect(readdirSync(directory)).toEqual(['a?b%20c#d'])
    lock.release()
    expect(readdirSync(directory)).toEqual(['a?b%20c#d'])
    expect(statSync(file).size).toBe(0)
  })

  it('is held until it is released', () => {
    const file = join(directory, 'a')
    const lock = tryKernelLock(file)!
    expect(tryKernelLock(file)).toBeUndefined()
    expect(tryKernelLock(file)).toBeUndefined()
    lock.release()
    lock.release()
    tryKernelLock(file)!.release()
  })

  it('makes no file when it is told not to', () => {
    expect(() => tryKernelLock(join(directory, 'a'), 'refuse')).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    )
    expect(existsSync(join(directory, 'a'))).toBe(false)
  })

  it('is never taken from its holder, though the file comes and goes while it is opened', async () => {
    const child = play('linkForEver', directory)
    try {
      expect(await child.line()).toBe('begun')
      const seen = new Set<string>()
      const end = performance.now() + 1_500
      while (performance.now() < end) seen.add(tryOnce(join(directory, 'link')))
      expect(seen).not.toContain('taken')
      expect(seen).toContain('held')
      expect(seen).toContain('not-found')
    } finally {
      await child.kill()
    }
  })

  it('says what is wrong with the file or its place', () => {
    writeFileSync(join(directory, 'a'), 'this is not a database, '.repeat(100))
    expect(() => tryKernelLock(join(directory, 'a'))).toThrow(expect.objectContaining({ code: 'damaged' }))
    expect(() => tryKernelLock(join(directory, 'no/where'))).toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    )
  })
})

function tryOnce(file: string): string {
  try {
    const lock = tryKernelLock(file, 'refuse')
    lock?.release()
    return lock === undefined ? 'held' : 'taken'
  } catch (error) {
    return isYardError(error) ? error.code : String(error)
  }
}
