import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearestName } from './nearest-name.ts'

describe('nearestName', () => {
  it.each([
    ['upsteam', 'upstream'],
    ['polcy', 'policy'],
    ['form', 'from'],
    ['Debian', 'debian'],
    ['securtiy', 'security'],
  ])('takes %s for %s', (written, meant) => {
    expect(nearestName(written, ['upstream', 'policy', 'from', 'debian', 'security'])).toBe(meant)
  })

  it('offers nothing when nothing is near', () => {
    expect(nearestName('trains', ['repositories', 'server', 'keys'])).toBeUndefined()
    expect(nearestName('', ['server'])).toBeUndefined()
  })

  it('takes the first of two that are equally near', () => {
    expect(nearestName('bas', ['bat', 'bar'])).toBe('bat')
  })

  it('finds every name from which one character is missing', () => {
    const name = fc.stringMatching(/^[a-z]{3,30}$/)
    fc.assert(
      fc.property(name, fc.nat(), (text, at) => {
        const index = at % text.length
        expect(nearestName(text.slice(0, index) + text.slice(index + 1), [text])).toBe(text)
      }),
    )
  })

  it('does not compare texts of absurd length', () => {
    expect(nearestName('a'.repeat(1_000_000), ['a'.repeat(999_999)])).toBeUndefined()
  })
})
