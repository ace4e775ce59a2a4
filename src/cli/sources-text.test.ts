import { describe, expect, it } from 'vitest'
import type { SourcesComparison } from '../train/index.ts'
import { sourcesText } from './sources-text.ts'

const comparison: SourcesComparison = {
  from: { kind: 'snapshot', name: 'debian@1' },
  to: { kind: 'release', name: 'web@2', channel: 'web/staging' },
  count: { upgraded: 1, downgraded: 1, removed: 1, added: 1, unchanged: 2000 },
  sources: [
    {
      kind: 'downgraded',
      family: 'deb',
      name: 'down',
      before: '2:1',
      after: '1.5',
      packages: 2,
      byEpoch: true,
    },
    {
      ...{ kind: 'removed', family: 'deb', name: 'linux', before: '6.1', packages: 1 },
      replacedBy: ['a', 'b', 'c', 'd'],
    },
    { kind: 'added', family: 'deb', name: 'come', after: '1', packages: 1 },
    { kind: 'upgraded', family: 'deb', name: 'up', before: '1', after: '2', packages: 1 },
  ],
  downgrades: [
    {
      ...{ family: 'deb', name: 'libdown', source: 'down', before: '2:1', after: '1.5' },
      ...{ architectures: ['amd64', 'arm64'], byEpoch: true },
    },
  ],
  architectures: ['amd64', 'arm64'],
}

describe('a comparison by source for a person', () => {
  it('counts, answers whether anything would go down, then tells what goes down, vanishes, comes and goes up', () => {
    expect(sourcesText(comparison).split('\n')).toEqual([
      'debian@1 -> web@2 (web/staging): of 2,004 sources 1 go up, 1 down, 1 vanish, 1 come, 2,000 stay',
      'Moving would DOWNGRADE 1 package of 1 source on amd64, arm64:',
      '< down  2:1 -> 1.5  amd64,arm64  libdown (by its epoch alone)',
      '',
      'SOURCES THAT GO DOWN:',
      '< down  2:1 -> 1.5  2 packages  by its epoch alone',
      '',
      'vanish:',
      '- linux  6.1  1 package  packages of its names come from a, b, c and 1 more',
      '',
      'come:',
      '+ come  1  1 package',
      '',
      'go up:',
      '> up  1 -> 2  1 package',
      '',
    ])
  })

  it('tells packages of one source that go down alike in one line', () => {
    const one = comparison.downgrades[0]!
    const names = ['down', 'libdown1', 'libdown2', 'libdown3', 'libdown4']
    const text = sourcesText({
      ...comparison,
      downgrades: [
        ...names.map(name => ({ ...one, name })),
        { ...one, name: 'libdown5', after: '1.4' },
        { family: 'deb', name: 'app', source: 'app', before: '2', after: '1', architectures: ['amd64'] },
      ],
    })
    expect(text.split('\n').slice(1, 5)).toEqual([
      'Moving would DOWNGRADE 7 packages of 2 sources on amd64, arm64:',
      '< app   2 -> 1      amd64',
      '< down  2:1 -> 1.4  amd64,arm64  libdown5 (by its epoch alone)',
      '< down  2:1 -> 1.5  amd64,arm64  down, libdown1, libdown2 and 2 more (by its epoch alone)',
    ])
  })

  it('says so when nothing would go down', () => {
    const text = sourcesText({ ...comparison, downgrades: [] })
    expect(text.split('\n')[1]).toBe('Moving would downgrade no package on amd64, arm64.')
  })

  it('promises nothing of packages that were not compared', () => {
    const text = sourcesText({ ...comparison, downgrades: [], architectures: [] })
    expect(text.split('\n')[1]).toBe('The two have no architecture in common: only sources are compared.')
  })

  it('lets no name move the cursor', () => {
    const bad = 'x\u001b[2J'
    const text = sourcesText({
      ...comparison,
      sources: [{ kind: 'removed', family: 'deb', name: bad, before: bad, packages: 1, replacedBy: [bad] }],
      downgrades: [{ family: 'deb', name: bad, source: bad, before: bad, after: '1', architectures: [bad] }],
      architectures: [bad],
    })
    expect(text).not.toContain('\u001b')
  })
})
