import { describe, expect, it } from 'vitest'
import type { Digest, Name, Timestamp } from '../model/index.ts'
import type { AdvisoryChange, DiffedPackage, SnapshotDiff } from '../repository/index.ts'
import { diffText } from './diff-text.ts'

const version = (text: string) => ({
  suite: '',
  component: '',
  architecture: 'x86_64',
  version: text,
  digest: 'd' as Digest,
  size: 1000,
})
const upgraded = (name: string, more: Partial<DiffedPackage> = {}): DiffedPackage => ({
  kind: 'upgraded',
  family: 'rpm',
  name,
  source: name,
  before: version('1-1'),
  after: version('2-1'),
  ...more,
})
const advisory = (id: string, more: Partial<AdvisoryChange> = {}): AdvisoryChange => ({
  ...{ kind: 'new', id, type: 'security', severity: 'Important', title: 'a title', cves: [], bugs: 0 },
  ...{ packages: [], ...more },
})
const emptyDiff: SnapshotDiff = {
  from: { repository: 'base' as Name, timestamp: '20261120T000000Z' as Timestamp },
  to: { repository: 'base' as Name, timestamp: '20261121T000000Z' as Timestamp },
  packages: [],
  count: { added: 0, removed: 0, upgraded: 0, downgraded: 0, rebuilt: 0 },
  removedBytes: 0,
  addedBytes: 0,
  advisories: [],
  lostAdvisories: [],
  modules: [],
  notes: [],
}
/** The lines below the counts. */
const linesOf = (diff: Partial<SnapshotDiff>) =>
  diffText({ ...emptyDiff, ...diff })
    .split('\n')
    .slice(1, -1)

describe('a diff for a person', () => {
  it('begins with the counts, and where nothing else changed that is all', () => {
    expect(diffText({ ...emptyDiff, count: { ...emptyDiff.count, upgraded: 2 }, addedBytes: 5000 })).toBe(
      'base@20261120T000000Z -> base@20261121T000000Z: 2 upgraded; 5.00 kB come, 0 B go\n',
    )
  })

  it('then names advisories for security with what they mend, and counts the others', () => {
    const openssl = { name: 'openssl', architecture: 'x86_64', version: '2-1' }
    const lines = linesOf({
      advisories: [
        advisory('EX-1', { severity: 'Critical', cves: ['CVE-2026-1', 'CVE-2026-2'], packages: [openssl] }),
        advisory('EX-10', { kind: 'updated', severity: '', title: 'two\n  lines' }),
        advisory('EX-2', { type: 'bugfix' }),
        advisory('EX-3', { type: 'bugfix' }),
      ],
    })
    expect(lines).toEqual([
      'advisories: 2 security, 2 bugfix',
      '  EX-1   Critical  1 package   a title',
      '      CVE-2026-1 CVE-2026-2',
      '  EX-10  -         0 packages  two lines (updated)',
    ])
  })

  it('then what hosts must do, then modules, then packages and files', () => {
    const lines = linesOf({
      packages: [
        upgraded('app', { needs: 'relogin' }),
        upgraded('kernel', { needs: 'reboot' }),
        upgraded('openssl-libs', { source: 'openssl', needs: 'restart' }),
        upgraded('systemd', { needs: 'reboot' }),
      ],
      modules: [
        {
          name: 'tool',
          defaultStream: { before: '1', after: '2' },
          streams: [
            { stream: '1', kind: 'removed', addedPackages: [], removedPackages: ['a'] },
            { stream: '2', kind: 'changed', addedPackages: ['a'], removedPackages: ['b', 'c'] },
            { stream: '3', kind: 'added', addedPackages: ['a', 'b'], removedPackages: [] },
          ],
        },
      ],
      notes: ['changelogs cannot be told: why'],
      files: [{ path: 'Packages/a.rpm' }],
    })
    expect(lines).toEqual([
      'note: changelogs cannot be told: why',
      'needs reboot: kernel, systemd',
      'needs restart: openssl-libs',
      'needs a new login: app',
      'module tool: default stream 1 -> 2',
      'module tool:1 removed',
      'module tool:2 changed: 1 package come, 2 go',
      'module tool:3 added, 2 packages',
      '> app           1-1 -> 2-1  x86_64  1.00 kB',
      '> kernel        1-1 -> 2-1  x86_64  1.00 kB',
      '> openssl-libs  1-1 -> 2-1  x86_64  1.00 kB  (source openssl)',
      '> systemd       1-1 -> 2-1  x86_64  1.00 kB',
      'A Packages/a.rpm',
    ])
  })

  it('shows the changelog of a source once', () => {
    const lines = linesOf({
      packages: [
        upgraded('a', { source: 's', changelog: '* One\n- Two' }),
        upgraded('b', { source: 's', changelog: '* One\n- Two' }),
        upgraded('c', { changelog: '* One\n- Two' }),
      ],
    })
    expect(lines.map(line => line.trim().split(' ').slice(0, 2).join(' '))).toEqual([
      ...['> a', '* One', '- Two', '> b', '> c', '* One', '- Two'],
    ])
  })

  it('lets nothing that upstream wrote move the cursor', () => {
    const bad = 'x\u001b[2J'
    const text = linesOf({
      packages: [upgraded(bad, { needs: 'reboot', changelog: bad })],
      advisories: [advisory(bad, { title: bad, severity: bad }), advisory('EX-2', { type: bad })],
      modules: [
        {
          name: bad,
          defaultStream: { before: bad },
          streams: [{ stream: bad, kind: 'removed', addedPackages: [], removedPackages: [] }],
        },
      ],
      notes: [bad],
      files: [{ path: bad }],
    })
    expect(text.join('\n')).toContain('x\\x1b[2J')
    expect(text.join('\n')).not.toContain('\u001b')
  })
})
