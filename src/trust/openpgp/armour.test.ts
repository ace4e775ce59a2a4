import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readArmour, writeArmour } from './armour.ts'

const content = fc.uint8Array({ minLength: 1, maxLength: 300 })

describe('armour', () => {
  it('gives back what was put in', () => {
    fc.assert(
      fc.property(content, bytes => {
        const armour = Buffer.from(writeArmour('SIGNATURE', bytes))
        expect(readArmour(armour, 'SIGNATURE', true).value).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('has the checksum that gpg expects', () => {
    fc.assert(
      fc.property(content, bytes => {
        const armour = writeArmour('PUBLIC KEY BLOCK', bytes)
        expect(execFileSync('gpg', ['--dearmor'], { input: armour, stdio: 'pipe' })).toEqual(
          Buffer.from(bytes),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('with one character changed is refused, or holds the same', () => {
    const armour = writeArmour('SIGNATURE', Buffer.from('a signature of some length, over two lines or more'))
    const whole = readArmour(Buffer.from(armour), 'SIGNATURE', true).value
    fc.assert(
      fc.property(fc.nat(armour.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(armour)
        changed[at] = value
        const read = readArmour(changed, 'SIGNATURE', true)
        if (read.fault === undefined && changed.includes('\n=')) expect(read.value).toEqual(whole)
      }),
      { numRuns: 2000 },
    )
  })

  it('of another label is not found', () => {
    const armour = Buffer.from(writeArmour('SIGNATURE', Buffer.from('x')))
    expect(readArmour(armour, 'PUBLIC KEY BLOCK', false).fault).toBe('it has no public key block')
  })
})
