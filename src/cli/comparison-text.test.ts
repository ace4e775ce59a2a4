import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../model/index.ts'
import { comparisonText } from './comparison-text.ts'
import { advisoryOf, changed, comparisonOf, contentOf } from './diff-page/page.fixture.ts'

const linesOf = (...given: Parameters<typeof comparisonText>) => comparisonText(...given).split('\n')

describe('a comparison for a person', () => {
  it('of releases begins with the sum over their repositories', () => {
    const lines = linesOf(
      comparisonOf({
        base: {
          packages: [
            changed('kernel', '1', '2', { needs: 'reboot', changelog: 'CVE-2026-0001 CVE-2026-0003' }),
          ],
          advisories: [advisoryOf('EX-1', { cves: ['CVE-2026-0001', 'CVE-2026-0002'] })],
          addedBytes: 2000,
        },
        debian: { packages: [changed('gone', '1', undefined)], removedBytes: 1000 },
      }),
    )
    expect(lines.slice(0, 4)).toEqual([
      'web@20261120T000000Z (web/production) -> web@20261121T000000Z: 1 removed, 1 upgraded; 2.00 kB come, 1.00 kB go',
      'mended: 1 advisory for security, 2 CVEs, 1 CVE that only changelogs name',
      'needs reboot',
      '',
    ])
    expect(lines).toContain(
      'base  base@20261120T000000Z -> base@20261121T000000Z: 1 upgraded; 2.00 kB come, 0 B go',
    )
    expect(lines).toContain('- gone  1  stable/main/amd64  1.00 kB')
  })

  it('is loud about fixes that are lost', () => {
    const lines = linesOf(
      comparisonOf({
        base: {
          packages: [changed('app', '2', '1', { kind: 'downgraded' })],
          lostAdvisories: [advisoryOf('EX-1', { severity: 'Critical', cves: ['CVE-2026-0001'] })],
        },
      }),
    )
    expect(lines[1]).toBe('LOST: 1 advisory for security, 1 CVE')
    expect(lines).toContain('LOST: what 1 advisory asked for')
    expect(lines).toContain('      CVE-2026-0001')
  })

  it('says of a repository that only one side has that it comes or goes, and of an equal one that it is the same', () => {
    const comparison = comparisonOf({ a: {}, b: {}, c: {} })
    const [a, b, c] = comparison.repositories
    delete a!.from
    delete b!.to
    c!.to = c!.from!
    const lines = linesOf(comparison)
    expect(lines.filter(line => line.includes('  '))).toEqual([
      expect.stringMatching(/^a {2}a@20261121T000000Z, which the other side does not have: /),
      expect.stringMatching(/^b {2}b@20261120T000000Z, which goes: /),
      'c  c@20261120T000000Z, the same',
    ])
  })

  it('of two snapshots is their difference alone', () => {
    const repository = 'debian' as Name
    const at = (timestamp: string) => ({ repository, timestamp: timestamp as Timestamp })
    const diff = contentOf({ packages: [changed('a', '1', '2')] })
    const comparison = comparisonOf({ debian: diff })
    expect(
      linesOf({
        ...comparison,
        from: { kind: 'snapshot', name: 'debian@1' },
        to: { kind: 'snapshot', name: 'debian@2' },
        repositories: [{ repository, from: at('1'), to: at('2'), diff }],
      }),
    ).toEqual([
      'debian@1 -> debian@2: 1 upgraded; 0 B come, 0 B go',
      '> a  1 -> 2  stable/main/amd64  1.00 kB',
      '',
    ])
  })
})
