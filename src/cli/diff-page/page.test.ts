import { createHash } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { byteStringOfText } from '../../model/index.ts'
import { advisoryOf, changed, comparisonOf, contentOf } from './page.fixture.ts'
import { comparisonPage } from './page.ts'

interface Element {
  name: string
  attributes: { [name: string]: string }
  text: string
}

/** Every element of a page with the text inside of it, by a parser that forgives nothing. */
function elementsOf(page: string): Element[] {
  const found: Element[] = []
  const open: Element[] = []
  const parser = new SaxesParser()
  parser.on('error', error => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes } as { [name: string]: string }, text: '' }
    found.push(element)
    open.push(element)
  })
  parser.on('text', text => {
    for (const element of open) element.text += text
  })
  parser.on('closetag', () => void open.pop())
  parser.write(page).close()
  return found
}

const ours = new Set(
  'html head meta title style body h1 h2 h3 ul li b section p span code table thead tbody tr th td button details summary pre div input output script'.split(
    ' ',
  ),
)
const attributes = new Set(
  'lang charset name content http-equiv class hidden id type placeholder aria-label aria-sort scope data-group data-key colspan open'.split(
    ' ',
  ),
)

/** Nothing but what this folder writes stands in the page, and it names nothing outside of itself. */
function isOurs(page: string): void {
  const elements = elementsOf(page)
  const names = new Set(elements.map(({ name }) => name))
  const given = new Set(elements.flatMap(element => Object.keys(element.attributes)))
  expect([...names].filter(name => !ours.has(name))).toEqual([])
  expect([...given].filter(name => !attributes.has(name))).toEqual([])
}

const textsOf = (page: string, name: string) =>
  elementsOf(page)
    .filter(element => element.name === name)
    .map(({ text }) => text.trim().replace(/\s+/g, ' '))

const hostile = [
  '</script><script>alert(1)</script>',
  '</style><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '<!-- --> ]]> <![CDATA[',
  '&lt;b&gt; &amp; &#60;',
  '\u0000\u001b[2J\u0007',
  'moc.elpmaxe\u202e//:sptth',
  'zero\u200bwidth',
  '\ud800 lone',
  'javascript:alert(1)',
  '{{alert(1)}} `x`',
]

describe('the page of a comparison', () => {
  it('is well-formed, and names nothing outside of itself', () => {
    const page = comparisonPage(comparisonOf({ debian: { packages: [changed('a', '1', '2')] } }))
    isOurs(page)
    expect(page).toMatch(/^<!DOCTYPE html>\n<html /)
    expect(page).not.toMatch(/https?:|url\(|@import|src=|href=/)
  })

  it('lets a browser run and load nothing but its one style and script', () => {
    const page = comparisonPage(comparisonOf({ debian: {} }))
    const elements = elementsOf(page)
    const policy = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy')!
    for (const name of ['style', 'script']) {
      const [, text] = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(page)!
      const hash = createHash('sha256').update(text!).digest('base64')
      expect(policy.attributes.content).toContain(`${name}-src 'sha256-${hash}'`)
      expect(elements.filter(element => element.name === name)).toHaveLength(1)
    }
    expect(policy.attributes.content).toMatch(/^default-src 'none';/)
    expect(policy.attributes.content).not.toContain('unsafe')
  })

  it.each(hostile)('shows %j as text, wherever it stands', bad => {
    const name = byteStringOfText(bad)
    const version = { version: name, suite: name, component: name, architecture: name, digest: 'd', size: 1 }
    const packages = (['added', 'removed', 'upgraded', 'downgraded', 'rebuilt'] as const).map(kind =>
      changed(name, '1', '2', {
        kind,
        source: name,
        before: version as never,
        after: version as never,
        needs: 'reboot',
        changelog: bad,
        lostChangelog: bad,
      }),
    )
    const advised = { name, architecture: name, version: name }
    const advisories = [advisoryOf(bad, { title: bad, severity: bad, cves: [bad], packages: [advised] })]
    const page = comparisonPage(
      comparisonOf({
        debian: {
          packages,
          advisories: [...advisories, advisoryOf(`${bad}2`, { type: bad })],
          lostAdvisories: advisories,
          modules: [
            {
              name: bad,
              defaultStream: { before: bad, after: bad },
              streams: [{ stream: bad, kind: 'added', addedPackages: [bad], removedPackages: [] }],
            },
          ],
          notes: [bad],
          files: [{ path: name }],
        },
      }),
    )
    isOurs(page)
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u200b\u202e\ufffe]/)
    expect(textsOf(page, 'script')).toHaveLength(1)
    expect(textsOf(page, 'pre').length).toBeGreaterThan(0)
  })

  it('is well-formed whatever stands in names, versions and changelogs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, changelog) => {
        const bytes = byteStringOfText(name)
        const packages = [changed(bytes, bytes, `${bytes}1`, { changelog, source: bytes })]
        isOurs(comparisonPage(comparisonOf({ debian: { packages } })))
      }),
      { numRuns: 60 },
    )
  })

  it('begins with the counts, and is loud about what goes down, away, is lost or re-issued', () => {
    const page = comparisonPage(
      comparisonOf({
        debian: {
          packages: [
            changed('up', '1', '2'),
            changed('down', '2:1.0', '1.5', { kind: 'downgraded', lostChangelog: 'Fix CVE-2026-0007.' }),
            changed('gone', '1', undefined),
            changed('again', '1', '1', { kind: 'rebuilt' }),
          ],
          lostAdvisories: [advisoryOf('EX-9', { cves: ['CVE-2026-0009'] })],
        },
      }),
    )
    const sections = textsOf(page, 'section')
    expect(textsOf(page, 'h1')).toEqual(['web@20261120T000000Z (web/production) → web@20261121T000000Z'])
    expect(sections[0]).toBe('1 · Go DOWN to an older versiondown 2:1.0 → 1.5')
    expect(sections[1]).toBe('1 · VANISHgone 1')
    expect(sections[2]).toBe(
      '3 · Mended before, LOST nowEX-9CVE-2026-0009CVE-2026-0007 (named in a changelog)',
    )
    expect(sections[3]).toBe('1 · Re-issued: the same version with other bytesagain 1')
    const tiles = elementsOf(page)
      .filter(({ name, attributes }) => name === 'li' && ['bad', 'plain', 'good'].includes(attributes.class!))
      .map(({ text }) => text)
    expect(tiles).toEqual([
      ...['1downgraded', '1removed', '1re-issued', '1upgraded', '0added'],
      ...['0security advisories', '0CVEs mended'],
    ])
  })

  it('tells what is mended: advisories with their severity, and CVEs that only changelogs name', () => {
    const page = comparisonPage(
      comparisonOf({
        base: {
          packages: [changed('app', '1', '2', { changelog: 'Fix CVE-2026-0001 and CVE-2026-0002.' })],
          advisories: [
            advisoryOf('EX-1', { severity: 'Critical', cves: ['CVE-2026-0001'], needs: 'reboot' }),
            advisoryOf('EX-2', { type: 'bugfix', severity: '' }),
          ],
        },
      }),
    )
    expect(page).toContain('<span class="badge bad">Critical</span> <span class="badge warn">reboot</span>')
    expect(textsOf(page, 'summary')).toContain('1 advisory not for security')
    expect(textsOf(page, 'p').find(text => text.startsWith('Named in changelogs'))).toMatch(
      /: CVE-2026-0002$/,
    )
  })

  it('tells what hosts must do', () => {
    const packages = [
      changed('linux-image-amd64', '6.1', '6.2', { needs: 'reboot' }),
      changed('libssl3', '3.0.1', '3.0.2', { needs: 'restart' }),
    ]
    const items = textsOf(comparisonPage(comparisonOf({ debian: { packages } })), 'li')
    expect(items).toContain('boot again: linux-image-amd64')
    expect(items).toContain('restart the services that use: libssl3')
  })

  it('groups packages by source, with old and new versions, and folds what is long', () => {
    const shared = { source: 'openssl', changelog: '* Fix CVE-2026-0001.' }
    const page = comparisonPage(
      comparisonOf({
        debian: {
          packages: [
            changed('libssl3', '3.0.1', '3.0.2', shared),
            changed('openssl', '3.0.1', '3.0.2', shared),
            changed('zlib1g', '1:1.2', '1:1.3', { source: 'zlib' }),
          ],
        },
      }),
    )
    const groups = elementsOf(page).filter(({ attributes }) => attributes['data-group'] === '')
    expect(groups).toHaveLength(2)
    expect(groups[0]!.text).toMatch(/^\s*openssl\s+upgraded\s+3\.0\.1 → 3\.0\.2\s+2\s/)
    expect(textsOf(page, 'pre')).toEqual(['* Fix CVE-2026-0001.'])
    expect(textsOf(page, 'summary')).toEqual(['2 packages, changelog, 1 CVE', '1 package'])
    expect(
      elementsOf(page).filter(({ name, attributes }) => name === 'details' && 'open' in attributes),
    ).toEqual([])
  })

  it('cuts a changelog that is too long, and says so', () => {
    const changelog = Array.from({ length: 5000 }, (_, i) => `line ${i}`).join('\n')
    const packages = [changed('a', '1', '2', { changelog })]
    const [excerpt] = textsOf(comparisonPage(comparisonOf({ debian: { packages } })), 'pre')
    expect(excerpt).toMatch(/^line 0 line 1 .*… 4,\d+ more lines$/)
    expect(excerpt!.length).toBeLessThan(6100)
  })

  it('has a part for each repository of a release, with its snapshots', () => {
    const page = comparisonPage(comparisonOf({ base: {}, debian: { packages: [changed('a', '1', '2')] } }))
    expect(textsOf(page, 'h3')).toEqual(['base', 'debian'])
    expect(textsOf(page, 'p').filter(text => text.startsWith('debian@'))).toEqual([
      'debian@20261120T000000Z -> debian@20261121T000000Z: 1 upgraded; 0 B come, 0 B go',
    ])
  })

  it('of 5,000 sources stays below 8 MB and is whole', () => {
    const packages = Array.from({ length: 5000 }, (_, i) =>
      changed(`package-${i}`, '1.0-1', '1.0-2', { changelog: `* Change ${i}.` }),
    )
    const page = comparisonPage(comparisonOf({ debian: { packages } }))
    expect(elementsOf(page).filter(({ attributes }) => attributes['data-group'] === '')).toHaveLength(5000)
    expect(page.length).toBeLessThan(8_000_000)
  })

  it('is the same page for the same comparison', () => {
    const comparison = comparisonOf({ debian: contentOf({ packages: [changed('a', '1', '2')] }) })
    expect(comparisonPage(comparison)).toBe(comparisonPage(structuredClone(comparison)))
  })

  it('has a script that a browser can read', () => {
    const [, script] = /<script>([\s\S]*?)<\/script>/.exec(comparisonPage(comparisonOf({ debian: {} })))!
    const document = { getElementById: () => null, querySelectorAll: () => [] }
    expect(() => runInNewContext(script!, { document })).not.toThrow()
  })
})
