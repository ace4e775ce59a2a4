import { describe, expect, it } from 'vitest'
import { type Fix, judgeFixes, keyOf } from './advisories.ts'
import { isAsBad } from './severity.ts'

const now = Date.UTC(2026, 10, 21)
const day = 86_400_000
const limit = { seconds: 7 * 86_400, now }
const fix = (version: string, days: number | undefined, more: Partial<Fix> = {}): Fix => ({
  id: 'EX-2026-1',
  severity: 'Important',
  issued: days === undefined ? undefined : now - days * day,
  name: 'openssl',
  architecture: 'x86_64',
  version,
  module: '',
  ...more,
})
const openssl = { name: 'openssl', architecture: 'x86_64' }
const have = new Map([
  [keyOf({ ...openssl, module: '' }), '1:3.2-4.el10'],
  [keyOf({ ...openssl, module: 'tls:4' }), '1:4.0-1.module_el10'],
])

describe('known fixes', () => {
  it.each<[string, Fix[], boolean]>([
    ['none is known', [], true],
    ['it is in the release', [fix('1:3.2-4.el10', 99)], true],
    ['something newer is in the release', [fix('1:3.2-3.el10', 99)], true],
    ['it is missing, but young', [fix('1:3.2-5.el10', 7)], true],
    ['it has been missing for too long', [fix('1:3.2-5.el10', 8)], false],
    ['it is missing, and nobody says since when', [fix('1:3.2-5.el10', undefined)], false],
    [
      'it is that of a stream, and in the release',
      [fix('1:4.0-1.module_el10', 99, { module: 'tls:4' })],
      true,
    ],
    ['it is that of a stream, and missing', [fix('1:4.0-2.module_el10', 99, { module: 'tls:4' })], false],
    ['it is that of a stream that the release does not have', [fix('1:5-1', 99, { module: 'tls:5' })], true],
    ['the release has no such package', [fix('9-1', 99, { name: 'nginx' })], true],
    [
      'the release does not have it for that architecture',
      [fix('9-1', 99, { architecture: 'aarch64' })],
      true,
    ],
  ])('%s', (_, fixes, passed) => {
    expect(judgeFixes(fixes, have, limit).passed).toBe(passed)
  })

  it('that are overdue are told oldest first, and counted by advisory', () => {
    const judged = judgeFixes(
      [
        fix('1:3.2-6.el10', 9, { id: 'EX-2026-2', severity: 'Critical' }),
        fix('1:3.2-5.el10', 30),
        fix('1:3.2-9.el10', 1, { id: 'EX-2026-3' }),
      ],
      have,
      limit,
    )
    expect(judged).toMatchObject({
      summary: 'advisories whose fixes have been missing for more than 7 d: 2',
      findings: [
        'EX-2026-1 (Important, issued 20261022T000000Z): openssl.x86_64 1:3.2-4.el10, fixed in 1:3.2-5.el10',
        'EX-2026-2 (Critical, issued 20261112T000000Z): openssl.x86_64 1:3.2-4.el10, fixed in 1:3.2-6.el10',
      ],
    })
    expect(judged.remedy).toContain('switchyard bump')
  })
})

describe('an advisory is as bad as', () => {
  it.each([
    ['security', 'Critical', 'Important', true],
    ['security', 'Important', 'Important', true],
    ['security', 'high', 'Important', true],
    ['security', 'Moderate', 'Important', false],
    ['security', '', 'Low', false],
    ['security', 'None', 'Low', false],
    ['bugfix', 'Critical', 'Low', false],
  ] as const)('%s %s, measured by %s', (type, severity, least, expected) => {
    expect(isAsBad({ type, severity }, least)).toBe(expected)
  })
})
