import { describe, expect, it } from 'vitest'
import { parseUntil } from './parse-until.ts'

describe('until', () => {
  it('a day ends with its last second', () => {
    expect(parseUntil('2026-12-31')).toBe('20261231T235959Z')
  })

  it('a second is itself', () => {
    expect(parseUntil('20261231T120000Z')).toBe('20261231T120000Z')
  })

  it.each(['2026-02-30', '31.12.2026', 'tomorrow', ''])('%j is no time', text => {
    expect(() => parseUntil(text)).toThrow(/not a day/)
  })
})
