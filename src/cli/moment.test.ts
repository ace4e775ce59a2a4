import { expect, it } from 'vitest'
import { momentOf } from './moment.ts'

const now = Date.UTC(2026, 10, 21, 6, 45)

it('a moment is so long ago, so far ahead, or a timestamp', () => {
  expect(momentOf('90d', now, 'after') - now).toBe(90 * 86_400_000)
  expect(now - momentOf('5m', now, 'before')).toBe(300_000)
  expect(momentOf('20261121T064500Z', 0, 'after')).toBe(now)
})

it.each(['', '7', 'd', '7w', '-7d', '1.5h', '123456d', '20261321T064500Z', '2026-11-21'])(
  'what is none is refused: %j',
  text => {
    expect(() => momentOf(text, now, 'before')).toThrow(expect.objectContaining({ code: 'usage' }))
  },
)
