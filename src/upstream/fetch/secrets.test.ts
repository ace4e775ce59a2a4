import { describe, expect, it } from 'vitest'
import { createScrubber } from './secrets.ts'

describe('a scrubber', () => {
  it('removes a secret as it is, percent-encoded and in base64', () => {
    const scrub = createScrubber(['me:p@ss'])
    expect(scrub('x me:p@ss y me%3Ap%40ss z bWU6cEBzcw== .')).toBe('x *** y *** z *** .')
  })

  it('removes the longer of two that overlap as a whole', () => {
    expect(createScrubber(['word', 'password'])('my password')).toBe('my ***')
  })

  it('leaves text alone where a secret is too short to tell from it', () => {
    expect(createScrubber(['a', ''])('a name')).toBe('a name')
  })
})
