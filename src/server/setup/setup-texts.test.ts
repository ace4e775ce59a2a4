import { describe, expect, it } from 'vitest'
import type { SuiteRecord, Timestamp } from '../../model/index.ts'
import { preferencesText } from './preferences-text.ts'
import { sourcesText } from './sources-text.ts'

function suite(name: string, more: Partial<SuiteRecord & { sources: boolean }> = {}) {
  return {
    directory: `dists/${name}`,
    suite: name,
    origin: 'Debian',
    label: 'Debian',
    codename: name,
    date: '20261121T064500Z' as Timestamp,
    components: ['main'],
    architectures: ['amd64', 'all'],
    trust: { kind: 'trusted' as const },
    sources: false,
    ...more,
  }
}

const facts = {
  title: 'debian',
  remarks: [],
  uri: 'http://yard/content/debian/latest/',
  keys: 'BEGIN\n\nx\r\nEND\n',
  dated: false,
}

describe('sourcesText', () => {
  it('writes one stanza for suites that differ in nothing else', () => {
    const text = sourcesText({
      ...facts,
      suites: [suite('a'), suite('a-updates'), suite('b', { components: ['x'] })],
    })
    expect(text).toBe(
      `# debian\n${['a a-updates|main', 'b|x'].map(one => `Types: deb\nURIs: http://yard/content/debian/latest/\nSuites: ${one.split('|')[0]}\nComponents: ${one.split('|')[1]}\nArchitectures: amd64\nSnapshot: disable\nSigned-By:\n BEGIN\n .\n x\n END\n`).join('\n')}`,
    )
  })

  it('offers source packages where there are some', () => {
    expect(sourcesText({ ...facts, suites: [suite('a', { sources: true })] })).toContain(
      'Types: deb deb-src\n',
    )
  })

  it('keeps a dated snapshot valid and names no components of a flat repository', () => {
    const text = sourcesText({ ...facts, dated: true, suites: [suite('./', { components: [] })] })
    expect(text).toContain('Suites: ./\nArchitectures: amd64\nCheck-Valid-Until: no\n')
    expect(text).not.toContain('Components')
  })

  it('says what there is to say before the first stanza, as comments', () => {
    const text = sourcesText({ ...facts, remarks: ['one', 'two'], suites: [suite('a')] })
    expect(text).toMatch(/^# debian\n# one\n# two\nTypes: deb\n/)
  })

  it('says Trusted only where there are no keys', () => {
    expect(sourcesText({ ...facts, suites: [suite('a')] })).not.toContain('Trusted')
    const text = sourcesText({ ...facts, keys: undefined, suites: [suite('a')] })
    expect(text).toContain('Trusted: yes\n')
    expect(text).not.toContain('Signed-By')
  })

  it('never lets metadata write a field', () => {
    const text = sourcesText({ ...facts, suites: [suite('a', { components: ['main', 'x\nTrusted: yes'] })] })
    expect(text).toContain('Components: main\n')
    expect(text).not.toContain('Trusted')
  })
})

describe('preferencesText', () => {
  it('pins each suite once, above 1000', () => {
    const text = preferencesText('x', [suite('a'), suite('a'), suite('b', { label: 'Two Words' })], 'yard')
    expect(text.match(/^Pin: .*$/gm)).toEqual([
      'Pin: release o=Debian,l=Debian,n=a',
      'Pin: release o=Debian,l=Two Words,n=b',
    ])
    expect(text.match(/^Pin-Priority: 1001$/gm)).toHaveLength(2)
  })

  it('leaves out what a pin cannot say, down to the host', () => {
    const odd = { origin: 'A, B', label: '*', codename: 'x\nPin-Priority: 1' }
    expect(preferencesText('x', [suite('a', { origin: 'A,l=B' })], 'yard')).toContain(
      'Pin: release l=Debian,n=a\n',
    )
    expect(preferencesText('x', [suite('a', odd)], 'yard')).toContain('Pin: origin "yard"\n')
  })
})
