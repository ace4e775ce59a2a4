import { describe, expect, it } from 'vitest'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { createRepository } from './createrepo.fixture.ts'
import { parseRepomd } from './repomd.ts'
import { writeRepomd } from './write-repomd.ts'

const sha256 = '0123456789abcdef'.repeat(4)
const parse = (text: string) => parseRepomd(Buffer.from(text, 'latin1'), 'repomd.xml')

const data = (inner: string, type = 'primary') => `<data type="${type}">${inner}</data>`
const minimal = `<checksum type="sha256">${sha256}</checksum><location href="repodata/p.xml.gz"/>`
const repomd = (inner: string) => `<?xml version="1.0"?>\n<repomd><revision>1</revision>${inner}</repomd>`

const file = {
  type: 'primary',
  href: 'repodata/p.xml.gz',
  checksum: { algorithm: 'sha256', hex: sha256 },
  size: undefined,
  openChecksum: undefined,
  openSize: undefined,
  headerChecksum: undefined,
  headerSize: undefined,
  timestamp: undefined,
  databaseVersion: undefined,
  extra: [],
}

describe('repomd.xml', () => {
  it('names files with all that is said of them', () => {
    const inner = `
      <checksum type="sha512">${sha256}${sha256}</checksum><open-checksum type="sha">${'ab'.repeat(20)}</open-checksum>
      <header-checksum type="sha256">${sha256}</header-checksum>
      <location xml:base="http://mirror.example.org/" href="repodata/p.xml.zck"/>
      <timestamp>1.5</timestamp><size> 12 </size><open-size>34</open-size><header-size>5</header-size>
      <database_version>10</database_version><x:new a='1'>\xe9<b/></x:new>`
    expect(parse(repomd(data(inner, 'primary_zck'))).files).toEqual([
      {
        type: 'primary_zck',
        href: 'repodata/p.xml.zck',
        base: 'http://mirror.example.org/',
        checksum: { algorithm: 'sha512', hex: sha256 + sha256 },
        openChecksum: { algorithm: 'sha1', hex: 'ab'.repeat(20) },
        headerChecksum: { algorithm: 'sha256', hex: sha256 },
        size: 12,
        openSize: 34,
        headerSize: 5,
        timestamp: 1.5,
        databaseVersion: '10',
        extra: [Buffer.from("<x:new a='1'>\xe9<b/></x:new>", 'latin1')],
      },
    ])
  })

  it('names little else than that', () => {
    expect(parse(repomd(data(minimal)))).toEqual({
      revision: '1',
      tags: { content: [], repo: [], distro: [] },
      files: [file],
    })
  })

  it('may name a type twice', () => {
    expect(parse(repomd(data(minimal) + data(minimal))).files).toEqual([file, file])
  })

  it('says what the repository is for', () => {
    const tags =
      '<tags><distro cpeid="cpe:/o:x:1">X &amp; Y</distro><content>a</content><content>b</content><repo>c</repo><distro>d</distro></tags>'
    expect(parse(repomd(tags)).tags).toEqual({
      content: ['a', 'b'],
      repo: ['c'],
      distro: [
        { name: 'X & Y', cpeid: 'cpe:/o:x:1' },
        { name: 'd', cpeid: undefined },
      ],
    })
  })

  it.each(['md5', 'sha', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'])(
    'may use %s, as createrepo_c does',
    name => {
      const { repomd } = createRepository([], { options: [`--repomd-checksum=${name}`] })
      const algorithm = name === 'sha' ? 'sha1' : name
      for (const { checksum } of parseRepomd(repomd, 'x').files) expect(checksum?.algorithm).toBe(algorithm)
    },
  )

  it('is written as createrepo_c writes it', () => {
    const options = ['--content=a', '--content=b & c', '--repo=d', '--distro=cpe:/o:x:1,X Y', '--distro=Z']
    for (const given of [[], options]) {
      const { repomd } = createRepository([], { options: given })
      expect(writeRepomd(parseRepomd(repomd, 'x')).toString('latin1')).toBe(repomd.toString('latin1'))
    }
  })

  it('is read again as it was written, with what is not known', () => {
    const text = repomd(
      data(`${minimal}<header-size>5</header-size><x><y a="1"/></x>`) + data(minimal, 'a&quot;b'),
    )
    expect(parseRepomd(writeRepomd(parse(text)), 'x')).toEqual(parse(text))
  })

  it.each([
    ['another document', '<metalink/>', 'it should be <repomd>, and is <metalink>'],
    ['nothing', '', 'it has no element'],
    ['no type', repomd(`<data>${minimal}</data>`), 'it has no type'],
    ['no location', repomd(data('')), 'data of type "primary": a <location> without href'],
    ['two locations', repomd(data(`${minimal}<location href="x"/>`)), '<location> stands twice'],
    ['a location that climbs', repomd(data('<location href="../x"/>')), 'unsafe path "../x"'],
    ['an absolute location', repomd(data('<location href="/x"/>')), 'unsafe path'],
    ['a location with NUL', repomd(data('<location href="x&#0;"/>')), 'reference'],
    ['a location with a backslash', repomd(data('<location href="a\\..\\..\\x"/>')), 'unsafe path'],
    [
      'an unknown algorithm',
      repomd(data(minimal.replace('sha256', 'crc32'))),
      'unknown checksum algorithm "crc32"',
    ],
    [
      'a checksum of no algorithm',
      repomd(data(minimal.replace(' type="sha256"', ''))),
      'unknown checksum algorithm ""',
    ],
    ['a malformed checksum', repomd(data(minimal.replace('0123', 'xyzw'))), 'malformed sha256'],
    ['a malformed size', repomd(data(`${minimal}<size>1e3</size>`)), 'malformed size "1e3"'],
    [
      'a malformed timestamp',
      repomd(data(`${minimal}<timestamp>now</timestamp>`)),
      'malformed timestamp "now"',
    ],
    ['two revisions', repomd('<revision>2</revision>'), '<revision> stands twice'],
    ['files without end', repomd(data(minimal).repeat(1001)), 'more than 1000 files'],
  ])('is refused with %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringMatching(/^repomd\.xml: /) }),
    )
    expect(() => parse(text)).toThrow(message)
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    const seeds = [createRepository([]).repomd, Buffer.from(repomd(data(minimal) + data(minimal, 'b')))]
    await expectOnlyYardErrors(seeds, async damaged => writeRepomd(parseRepomd(damaged, 'x')), 1500)
  })
})
