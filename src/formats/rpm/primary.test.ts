import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { byteStringOfText } from '../../model/index.ts'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { createRepository, everyChangelog, everyKindOfPackage } from './createrepo.fixture.ts'
import { readFilelists, referenceOf } from './filelists.ts'
import { createFragmentScanner } from './fragments.ts'
import { readOther } from './other.ts'
import { identityOf, readPrimary } from './primary.ts'
import { readPrimaryLists } from './primary-lists.ts'
import type { PackageDocument } from './write-metadata.ts'

const written = createRepository(everyKindOfPackage, { rpm: { changelog: everyChangelog } })

/** The fragment of one package in what createrepo_c wrote. */
function fragmentOf(name: string, document: PackageDocument = 'primary'): Buffer {
  const scanner = createFragmentScanner({ document, maxFragmentBytes: 1 << 20, object: document })
  const fragments = scanner.push(written[document])
  return fragments.find(fragment =>
    new RegExp(`<name>${name}</name>|name="${name}"`).test(fragment.toString()),
  )!
}

const sha256 = '0123456789abcdef'.repeat(4)
const fragment = `<package type="rpm">
  <name>tool</name><arch>noarch</arch>
  <version epoch="1" ver="2" rel="3"/>
  <checksum type="sha256" pkgid="YES">${sha256}</checksum>
  <size package="123" installed="5" archive="6"/>
  <location href="Packages/tool-2-3.noarch.rpm"/>
</package>`
const identify = (text: string) => identityOf(Buffer.from(text, 'latin1'), 'primary.xml')

const identity = {
  name: 'tool',
  arch: 'noarch',
  epoch: '1',
  version: '2',
  release: '3',
  checksum: { algorithm: 'sha256', hex: sha256 },
  href: 'Packages/tool-2-3.noarch.rpm',
  size: 123,
}

describe("a package's identity", () => {
  it('is read from its fragment of primary.xml', () => {
    expect(identify(fragment)).toEqual(identity)
  })

  it.each([
    ['single quotes', fragment.replaceAll('"', "'")],
    ['another order', fragment.replace(/( {2}<version.*\n)([\s\S]*)(<\/package>)/, '$2$1$3')],
    [
      'another order of attributes',
      fragment.replace('epoch="1" ver="2" rel="3"', 'rel="3" ver="2" epoch="1"'),
    ],
    [
      'blanks within tags',
      fragment.replaceAll('/>', '\n />').replaceAll('="', ' =\t"').replaceAll('</name>', '</name >'),
    ],
    ['references', fragment.replace('tool<', '&#116;o&#x6F;l<').replace('Packages/', 'Packages&#47;')],
    ['CDATA', fragment.replace('tool<', '<![CDATA[tool]]><')],
    ['comments', fragment.replace('<name>', '<!-- <name>other</name> --><name><!-- -->')],
    ['unknown elements', fragment.replace('<arch>', '<x:new><name>other</name></x:new><arch>')],
    [
      'the same words elsewhere',
      fragment.replace('<arch>', '<summary>x</summary><format><name>other</name></format><arch>'),
    ],
  ])('is the same with %s', (_, text) => {
    expect(text).not.toBe(fragment)
    expect(identify(text)).toEqual(identity)
  })

  it('has the epoch 0 where none is written, and the base of a file that lies elsewhere', () => {
    const text = fragment
      .replace('epoch="1" ', '')
      .replace('href', 'xml:base="http://mirror.example.org/x/" href')
    expect(identify(text)).toEqual({ ...identity, epoch: '0', base: 'http://mirror.example.org/x/' })
  })

  it('keeps a location as it is written', () => {
    for (const href of ['./tool%20%2b.rpm', 'a b/1:x~^.rpm', 'x..y/...rpm', '\xe9'])
      expect(identify(fragment.replace(/Packages.*rpm/, href)).href).toBe(href)
  })

  it('may be proved by an older algorithm, named as it was', () => {
    const withSha = fragment.replace('sha256', 'sha').replace(sha256, 'AB'.repeat(20))
    expect(identify(withSha).checksum).toEqual({ algorithm: 'sha1', hex: 'ab'.repeat(20) })
  })

  const where = 'primary.xml: package tool-2-3.noarch'
  const href = 'Packages/tool-2-3.noarch.rpm'
  it.each([
    ['no name', fragment.replace('<name>tool</name>', ''), 'package ?-2-3.noarch: it has no name'],
    ['two names', fragment.replace('<arch>', '<name>tool</name><arch>'), '<name> stands twice'],
    ['a name with an element', fragment.replace('tool<', '<b>tool</b><'), '<b> within an element of text'],
    ['a name with a slash', fragment.replace('tool<', '../tool<'), 'malformed name "../tool"'],
    ['no version', fragment.replace(/<version.*/, ''), 'it has no version'],
    ['an epoch in words', fragment.replace('epoch="1"', 'epoch="x"'), `${where}: malformed epoch "x"`],
    ['no checksum', fragment.replace(/<checksum.*/, ''), 'unknown checksum algorithm ""'],
    [
      'an unknown checksum',
      fragment.replace('sha256', 'sha3'),
      `${where}: unknown checksum algorithm "sha3"`,
    ],
    [
      "a checksum by an object's name",
      fragment.replace('sha256', 'toString'),
      'unknown checksum algorithm "toString"',
    ],
    ['half a checksum', fragment.replace(sha256, sha256.slice(32)), `${where}: malformed sha256`],
    ['no size', fragment.replace('package="123" ', ''), `${where}: it has no size`],
    ['a negative size', fragment.replace('"123"', '"-1"'), `${where}: malformed size "-1"`],
    ['no location', fragment.replace(/<location.*/, ''), `${where}: a <location> without href`],
    ['a location that climbs', fragment.replace(href, '../x.rpm'), `${where}: unsafe path "../x.rpm"`],
    ['a location that climbs later', fragment.replace(href, 'a/../../x'), 'unsafe path'],
    ['a location that climbs escaped', fragment.replace(href, 'a/%2E%2e/x'), 'unsafe path'],
    ['a location that climbs half escaped', fragment.replace(href, '.%2e/x'), 'unsafe path'],
    ['a location with backslashes', fragment.replace(href, '..\\x'), 'unsafe path'],
    ['an absolute location', fragment.replace(href, '/etc/passwd'), 'unsafe path'],
    ['a URL as location', fragment.replace(href, 'http://mirror.example.org/x'), 'unsafe path'],
    ['a location of two lines', fragment.replace(href, 'a&#10;b'), 'unsafe path'],
    ['half a fragment', fragment.slice(0, -11), 'it ends within <package>'],
    [
      'what is malformed elsewhere',
      fragment.replace('</package>', '<format><a></b></format></package>'),
      'no <a>',
    ],
    ['more than a fragment', fragment + fragment, 'a second element'],
    ['another element', fragment.replaceAll('package', 'x'), 'it should be <package>, and is <x>'],
  ])('is refused with %s', (_, text, message) => {
    expect(() => identify(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) }),
    )
  })
})

describe('what createrepo_c wrote', () => {
  it('is read', () => {
    expect(readPrimary(fragmentOf('tool'), 'primary.xml')).toEqual({
      name: 'tool',
      arch: 'noarch',
      epoch: '1',
      version: '2.0~rc1',
      release: '3.el9',
      checksum: { algorithm: 'sha256', hex: expect.stringMatching(/^[0-9a-f]{64}$/) },
      href: 'Packages/tool-2.0~rc1-3.el9.noarch.rpm',
      size: expect.any(Number),
      summary: 'A <tool> & more "things"',
      description: byteStringOfText("Says </package> & <![CDATA[nothing]]>,\n\tit's é"),
      url: 'https://example.org/?a=1&b=2',
      license: 'Apache-2.0',
      vendor: 'Example & Sons',
      sourceRpm: 'source-1.0-1.src.rpm',
      installedSize: expect.any(Number),
      archiveSize: expect.any(Number),
      buildTime: expect.any(Number),
      fileTime: expect.any(Number),
      headerStart: expect.any(Number),
      headerEnd: expect.any(Number),
    })
  })

  it('is read with its dependencies and files', () => {
    const any = (name: string) => ({ name, flags: undefined, evr: undefined, pre: false })
    const evr = (version: string, release?: string, epoch = '0') => ({ epoch, version, release })
    expect(readPrimaryLists(fragmentOf('tool'), 'primary.xml')).toEqual({
      provides: [
        { ...any('tool'), flags: 'EQ', evr: evr('2.0~rc1', '3.el9', '1') },
        { ...any('tool(x<y)'), flags: 'EQ', evr: evr('1') },
        { ...any('tool-api'), flags: 'EQ', evr: evr('2.0', '1', '2') },
      ],
      requires: [
        any('(a or b)'),
        { ...any('/bin/sh'), pre: true },
        { ...any('other'), flags: 'GE', evr: evr('1.0') },
      ],
      conflicts: [{ ...any('enemy'), flags: 'LT', evr: evr('2') }],
      obsoletes: [{ ...any('old'), flags: 'LE', evr: evr('1') }],
      suggests: [any('perhaps')],
      enhances: [{ ...any('more'), flags: 'GT', evr: evr('5') }],
      recommends: [any('nice')],
      supplements: [any('base')],
      files: [
        { path: '/etc/tool.conf', type: 'file' },
        { path: '/usr/bin/tool', type: 'file' },
      ],
    })
  })

  it('names the same package in filelists and other', () => {
    const { name, arch, epoch, version, release, checksum } = identityOf(fragmentOf('tool'), 'primary.xml')
    const reference = { pkgid: checksum.hex, name, arch, epoch, version, release }
    expect(referenceOf(fragmentOf('tool', 'other'), 'other.xml')).toEqual(reference)
    expect(readFilelists(fragmentOf('tool', 'filelists'), 'filelists.xml')).toEqual({
      ...reference,
      files: [
        { path: '/etc/tool.conf', type: 'file' },
        { path: '/usr/bin/tool', type: 'file' },
        { path: '/usr/share/tool', type: 'dir' },
        { path: '/usr/share/tool/a & b', type: 'file' },
        { path: '/var/tool.log', type: 'ghost' },
      ],
    })
    expect(readOther(fragmentOf('tool', 'other'), 'other.xml')).toEqual({
      ...reference,
      changes: [
        { author: 'A & B <ab@example.org> - 1', date: Date.UTC(2026, 10, 20, 12) / 1000, text: '- First' },
        {
          author: 'A & B <ab@example.org> - 2',
          date: Date.UTC(2026, 10, 21, 12) / 1000,
          text: '- Second <change>',
        },
      ],
    })
  })

  it.each(['tool', 'plain', 'native'])('says of %s what saxes reads', name => {
    const { texts, attributes } = readWithSaxes(fragmentOf(name))
    const read = readPrimary(fragmentOf(name), 'primary.xml')
    expect(read).toEqual({
      name: texts.name,
      arch: texts.arch,
      epoch: attributes.version?.epoch,
      version: attributes.version?.ver,
      release: attributes.version?.rel,
      checksum: { algorithm: attributes.checksum?.type, hex: texts.checksum },
      href: attributes.location?.href,
      size: Number(attributes.size?.package),
      summary: texts.summary,
      description: texts.description,
      url: texts.url,
      license: texts['rpm:license'],
      vendor: texts['rpm:vendor'],
      sourceRpm: texts['rpm:sourcerpm'],
      installedSize: Number(attributes.size?.installed),
      archiveSize: Number(attributes.size?.archive),
      buildTime: Number(attributes.time?.build),
      fileTime: Number(attributes.time?.file),
      headerStart: Number(attributes['rpm:header-range']?.start),
      headerEnd: Number(attributes['rpm:header-range']?.end),
    })
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors(
      [fragmentOf('tool')],
      async damaged => {
        identityOf(damaged, 'x')
        readPrimary(damaged, 'x')
        readPrimaryLists(damaged, 'x')
      },
      1500,
    )
    await expectOnlyYardErrors(
      [fragmentOf('tool', 'filelists')],
      async damaged => readFilelists(damaged, 'x'),
      500,
    )
    await expectOnlyYardErrors([fragmentOf('tool', 'other')], async damaged => readOther(damaged, 'x'), 500)
  })
})

function readWithSaxes(fragment: Buffer) {
  const texts: { [element: string]: string } = {}
  const attributes: { [element: string]: { [name: string]: string } } = {}
  const open: string[] = []
  const parser = new SaxesParser({ xmlns: false })
  parser.on('opentag', tag => {
    open.push(tag.name)
    texts[tag.name] ??= ''
    attributes[tag.name] ??= tag.attributes
  })
  parser.on('text', text => {
    const element = open.at(-1)
    if (element !== undefined) texts[element] += byteStringOfText(text)
  })
  parser.on('closetag', () => open.pop())
  parser.write(fragment.toString('utf8')).close()
  return { texts, attributes }
}
