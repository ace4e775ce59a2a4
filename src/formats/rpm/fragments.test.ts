import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { createRepository, everyChangelog, everyKindOfPackage } from './createrepo.fixture.ts'
import type { FragmentHead } from './fragment-head.ts'
import { createFragmentScanner, fragmentsOf } from './fragments.ts'
import { metadataFrame } from './write-metadata.ts'

const options = { document: 'filelists', maxFragmentBytes: 1000, object: 'filelists.xml' } as const
const bytes = (text: string) => Buffer.from(text, 'latin1')

function cut(text: string | Buffer, sizes: number[] = [1 << 20], wanted = {}): string[] {
  const all = typeof text === 'string' ? bytes(text) : text
  const scanner = createFragmentScanner({ ...options, ...wanted })
  const fragments: string[] = []
  let at = 0
  for (let i = 0; at < all.length; i++) {
    const size = sizes[i % sizes.length]!
    const found = scanner.push(Buffer.from(all.subarray(at, at + size)))
    fragments.push(...found.map(fragment => fragment.toString('latin1')))
    at += size
  }
  scanner.end()
  return fragments
}

const document = (inner: string, head = '<filelists>') =>
  `<?xml version="1.0"?>\n${head}\n${inner}\n</filelists>\n`

const awkward = [
  '<package>\n  <x/>\n</package>',
  '<package a="1"/>',
  '<package a="/>"></package>',
  "<package a='>'></package\n>",
  '<package><packages></packages></package>',
  '<package><packager></packager></package>',
  '<package><!-- </package> --></package>',
  '<package><![CDATA[</package>]]></package>',
  '<package><?pi </package>?></package>',
  '<package><!----></package>',
  '<package>! ? <!-- <![CDATA[ --> x</package>',
  '<package>\xff\xe9</package>',
]

describe('a document of packages is cut into fragments', () => {
  it.each(awkward.map(fragment => [fragment]))('byte for byte: %j', fragment => {
    expect(cut(document(`${fragment}${fragment}`))).toEqual([fragment, fragment])
  })

  it('alike however it is chunked, whatever stands between them', () => {
    const between = fc.constantFrom('', '\n', ' \r\n', '<!-- x -->', '<!-- </package> -->\n')
    const parts = fc.array(fc.tuple(fc.constantFrom(...awkward), between), { maxLength: 8 })
    fc.assert(
      fc.property(parts, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (parts, sizes) => {
        const text = document(parts.flat().join(''), `<!-- x --><filelists packages="${parts.length}">`)
        expect(cut(text, sizes)).toEqual(parts.map(([fragment]) => fragment))
      }),
      { numRuns: 2000 },
    )
  })

  it('as saxes finds them in what createrepo_c writes', () => {
    const written = createRepository(everyKindOfPackage, { rpm: { changelog: everyChangelog } })
    for (const kind of ['primary', 'filelists', 'other'] as const) {
      const fragments = cut(written[kind], [700], { document: kind, maxFragmentBytes: 1 << 20 })
      expect(fragments).toHaveLength(3)
      expect(fragments).toEqual(fragmentsBySaxes(written[kind].toString('latin1')))
    }
  })

  it('and written again between head and tail it is what createrepo_c wrote', () => {
    const written = createRepository(everyKindOfPackage, { rpm: { changelog: everyChangelog } })
    for (const kind of ['primary', 'filelists', 'other'] as const) {
      const fragments = cut(written[kind], [1 << 20], { document: kind, maxFragmentBytes: 1 << 20 })
      const { head, tail } = metadataFrame(kind, fragments.length)
      const again = [head, ...fragments.map(fragment => bytes(`${fragment}\n`)), tail]
      expect(Buffer.concat(again).toString('latin1')).toBe(withLineEnd(written[kind]))
    }
  })

  it('of which there may be none', () => {
    const written = createRepository([])
    expect(cut(written.primary, [9], { document: 'primary' })).toEqual([])
    expect(cut('<filelists packages="0"/>')).toEqual([])
    expect(cut('<filelists packages="0" ></filelists ><!---->')).toEqual([])
  })

  it('behind its head, which is told first', async () => {
    const told: (FragmentHead | string)[] = []
    const head = '<filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="1">'
    const chunks = async function* () {
      yield new Uint8Array(bytes(document('<package/>', head)))
    }
    const onHead = (head: FragmentHead) => told.push(head)
    for await (const fragment of fragmentsOf(chunks(), { ...options, onHead })) told.push(fragment.toString())
    const attributes = new Map([
      ['xmlns', 'http://linux.duke.edu/metadata/filelists'],
      ['packages', '1'],
    ])
    expect(told).toEqual([{ attributes, count: 1 }, '<package/>'])
  })

  it.each([
    ['another document', '<metadata packages="0"></metadata>', 'it should be <filelists>, and is <metadata>'],
    ['a page of HTML', '<!DOCTYPE html><html></html>', 'a document type'],
    ['nothing', '', 'cut short'],
    ['no XML', 'x'.repeat(70_000), 'the head (<filelists>) that begins at byte 0 is longer than 65536 bytes'],
    ['entities', '<!DOCTYPE x [<!ENTITY a "b">]><filelists></filelists>', 'a document type'],
    [
      'another namespace',
      document('', '<filelists xmlns="http://linux.duke.edu/metadata/other">'),
      'namespaces',
    ],
    ['another prefix', document('', '<filelists xmlns:rpm="urn:x">'), 'namespaces'],
    ['a count in words', document('', '<filelists packages="many">'), 'malformed count of packages "many"'],
    [
      'a count that is too high',
      document('<package/>', '<filelists packages="2">'),
      'says that it has 2 packages, and it has 1',
    ],
    [
      'a count that is too low',
      document('<package/>', '<filelists packages="0">'),
      'says that it has 0 packages, and it has 1',
    ],
    ['text between', document('<package/>x<package/>'), '"x<package'],
    ['an element between', document('<package/><packages/>'), '"<packages/>'],
    ['an end tag between', document('<package></package></package>'), '"</package>'],
    [
      'something behind',
      `${document('<package/>')}<package/>`,
      '"<package/>" where nothing more should stand',
    ],
    ['no end', '<filelists>\n<package/>\n', 'it is cut short: </filelists> does not end, after 23 bytes'],
    ['half a package', '<filelists>\n<package>', 'it is cut short'],
    ['a malformed end', '<filelists></filelists x>', 'malformed "</filelists x>"'],
    [
      'a package without end',
      document(`<package>${'x'.repeat(2000)}`),
      'the <package> that begins at byte 34 is longer than 1000 bytes',
    ],
    ['a start tag without end', document(`<package ${'x'.repeat(2000)}`), 'longer than 1000 bytes'],
    ['a comment without end', document(`<!-- ${'x'.repeat(2000)}`), 'longer than 1000 bytes'],
    [
      'a large package',
      document(`<package>${'x'.repeat(1000)}</package>`),
      'the <package> that begins at byte 34',
    ],
  ])('but not with %s', (_, text, message) => {
    const failure = expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) })
    expect(() => cut(text)).toThrow(failure)
    expect(() => cut(text, [100])).toThrow(failure)
  })

  it('where a fragment kept from one chunk is not changed by the next', () => {
    const scanner = createFragmentScanner(options)
    const [first] = [
      ...scanner.push(bytes('<filelists><package a')),
      ...scanner.push(bytes('="1"/><package ')),
    ]
    scanner.push(bytes('b="2222222222222222222"/>'))
    expect(first!.toString()).toBe('<package a="1"/>')
  })

  it('where an end tag of absurd length ends nothing', () => {
    const text = `<package></package${' '.repeat(70_000)}></filelists>`
    for (const sizes of [[1 << 20], [5000]])
      expect(() => cut(`<filelists>${text}`, sizes, { maxFragmentBytes: 1 << 20 })).toThrow(
        'where <package> or',
      )
  })

  it('or refused with a YardError, whatever the damage', async () => {
    const seed = bytes(document(awkward.join('\n'), `<filelists packages="${awkward.length}">`))
    await expectOnlyYardErrors([seed], async damaged => cut(damaged, [50]), 3000)
  })
})

function fragmentsBySaxes(text: string): string[] {
  const fragments: string[] = []
  let start = 0
  const parser = new SaxesParser({ xmlns: false })
  parser.on('opentagstart', ({ name }) => {
    if (name === 'package') start = text.lastIndexOf('<package', parser.position)
  })
  parser.on('closetag', ({ name }) => {
    if (name === 'package') fragments.push(text.slice(start, parser.position))
  })
  parser.write(text).close()
  return fragments
}

function withLineEnd(document: Buffer): string {
  const text = document.toString('latin1')
  return text.endsWith('\n') ? text : `${text}\n`
}
