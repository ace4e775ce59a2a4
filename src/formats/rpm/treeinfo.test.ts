import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { parseIni } from './ini.ts'
import { parseTreeinfo } from './treeinfo.ts'

const sha256 = '0123456789abcdef'.repeat(4)
const treeinfo = `[header]
type = productmd.treeinfo
version = 1.2

[release]
name = Example
short = EX
version = 9

[tree]
arch = x86_64
build_timestamp = 1795243500
platforms = x86_64,xen
variants = BaseOS,AppStream

[checksums]
images/boot.iso = sha256:${sha256}
images/pxeboot/vmlinuz = md5:${'ab'.repeat(16)}
repodata/repomd.xml = sha256:${sha256}

[images-x86_64]
boot.iso = images/boot.iso
kernel = images/pxeboot/vmlinuz

[images-xen]
kernel = images/pxeboot/vmlinuz

[stage2]
mainimage = images/install.img

[variant-BaseOS]
id = BaseOS
name = BaseOS
packages = Packages
repository = .
type = variant
uid = BaseOS

[variant-AppStream]
id = AppStream
packages = ../../AppStream/Packages
repository = ../../AppStream

; comments
# of both kinds
[general]
family = Example Linux
version: 9
`
const parse = (text: string) => parseTreeinfo(Buffer.from(text, 'latin1'), '.treeinfo')

const askConfigparser = `
import configparser, json, sys
c = configparser.RawConfigParser(default_section='\\0')
c.optionxform = str
try:
  c.read_string(sys.stdin.buffer.read().decode('latin1'))
  print(json.dumps([[s, c.items(s)] for s in c.sections()]))
except configparser.Error:
  print('null')`

const askEach = `
import configparser, json, sys
def read(text):
  c = configparser.RawConfigParser(default_section='\\0')
  c.optionxform = str
  try:
    c.read_string(text)
    return [[s, c.items(s)] for s in c.sections()]
  except configparser.Error:
    return None
print(json.dumps([read(text) for text in json.load(sys.stdin)]))`

describe('a treeinfo', () => {
  it('says which files an installer needs, and what proves them', () => {
    const { sections, ...said } = parse(treeinfo)
    expect(said).toEqual({
      family: 'Example',
      version: '9',
      arch: 'x86_64',
      checksums: [
        { path: 'images/boot.iso', checksum: { algorithm: 'sha256', hex: sha256 } },
        { path: 'images/pxeboot/vmlinuz', checksum: { algorithm: 'md5', hex: 'ab'.repeat(16) } },
        { path: 'repodata/repomd.xml', checksum: { algorithm: 'sha256', hex: sha256 } },
      ],
      images: [
        {
          platform: 'x86_64',
          files: [
            { purpose: 'boot.iso', path: 'images/boot.iso' },
            { purpose: 'kernel', path: 'images/pxeboot/vmlinuz' },
          ],
        },
        { platform: 'xen', files: [{ purpose: 'kernel', path: 'images/pxeboot/vmlinuz' }] },
      ],
      stage2: [{ purpose: 'mainimage', path: 'images/install.img' }],
      variants: [
        { uid: 'BaseOS', id: 'BaseOS', repository: '.', packages: 'Packages' },
        {
          uid: 'AppStream',
          id: 'AppStream',
          repository: '../../AppStream',
          packages: '../../AppStream/Packages',
        },
      ],
    })
    expect(sections.get('tree')?.get('platforms')).toBe('x86_64,xen')
  })

  it('of the older form says the same in [general]', () => {
    const text = '[general]\nfamily = Example\nversion = 5\narch = i386\n'
    expect(parse(text)).toMatchObject({
      family: 'Example',
      version: '5',
      arch: 'i386',
      checksums: [],
      images: [],
    })
  })

  it('says what configparser reads in it', () => {
    const read = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', askConfigparser], { input: treeinfo }).toString(),
    )
    expect([...parseIni(Buffer.from(treeinfo), 'x')].map(([name, values]) => [name, [...values]])).toEqual(
      read,
    )
  })

  it('is an INI file as configparser reads or refuses it', () => {
    const line = fc.constantFrom(
      '[a]',
      '[b c]',
      ' [d]',
      'k = v',
      'l: w = x',
      '  more',
      '\tagain',
      '',
      '  ',
      '# c',
      ' ; c',
      'm =',
      'nothing',
      '= x',
      'k=2',
      '[e',
      'n = [f]',
    )
    const texts = fc.sample(
      fc.array(line, { maxLength: 12 }).map(lines => `[s]\n${lines.join('\n')}`),
      600,
    )
    const input = JSON.stringify(texts)
    const expected = JSON.parse(execFileSync('/usr/bin/python3', ['-c', askEach], { input }).toString())
    for (const [i, text] of texts.entries()) expect([text, iniOf(text)]).toEqual([text, expected[i]])
  })

  it.each([
    [
      'a file that climbs',
      treeinfo.replace('= images/boot.iso', '= ../boot.iso'),
      'images-x86_64: unsafe path "../boot.iso"',
    ],
    [
      'a digest of a file that climbs',
      treeinfo.replace('images/boot.iso =', '/boot.iso ='),
      'checksums: unsafe path',
    ],
    ['half a digest', treeinfo.replace(sha256, 'ab'), 'checksums: "images/boot.iso": malformed sha256'],
    ['an unknown algorithm', treeinfo.replace('md5:', 'crc:'), 'unknown checksum algorithm "crc"'],
    ['a digest of no algorithm', treeinfo.replace('md5:', ''), 'not "algorithm:digest"'],
    ['a key twice', `${treeinfo}version = 10\n`, 'line 49: a key that stands twice: "version = 10"'],
    ['a section twice', `${treeinfo}[tree]\n`, 'a section that stands twice'],
    ['a value in no section', 'a = b\n', 'neither a section nor a value in one'],
    ['a web page', '<html>\n', 'line 1: neither'],
    ['NUL', '[a]\nb = \0\n', 'a NUL'],
    ['lines without end', '\n'.repeat(100_001), 'more than 100000 lines'],
  ])('is refused with %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) }),
    )
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors([Buffer.from(treeinfo)], async damaged => parseTreeinfo(damaged, 'x'), 1500)
  })
})

function iniOf(text: string): unknown {
  try {
    return [...parseIni(Buffer.from(text), 'x')].map(([name, values]) => [name, [...values]])
  } catch (error) {
    if (isYardError(error)) return null
    throw error
  }
}
