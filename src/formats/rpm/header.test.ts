import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { inChunks } from '../archive/chunks.fixture.ts'
import { buildRpms } from './build-rpms.fixture.ts'
import { entryAt } from './header.fixture.ts'
import { type Header, parseHeader } from './header.ts'
import { readRpm } from './package-file.ts'
import { askRpm } from './rpm-query.fixture.ts'
import { signatureTags, type Tag, type TagKind, tags } from './tags.ts'
import { type WrittenTag, writeHeader } from './write-header.ts'

const packages = buildRpms(
  [
    {
      name: 'rich',
      epoch: 7,
      arch: 'native',
      preamble: ['Requires: a >= 1', 'Requires: b', 'Recommends: c', 'Vendor: J\xc3\xb6rg & <sons>'],
      files: { '/etc/rich.conf': 'x', '/usr/bin/rich': 'yy' },
      fileList: ['%config /etc/rich.conf', '%attr(4755, root, root) /usr/bin/rich', '%ghost /var/rich'],
      sections: { '%post': 'echo', '%triggerin -- a': 'echo', '%filetriggerin -- /usr/lib': 'echo' },
      description: 'Line.\n\n  Indented \xe9.\n',
    },
    { name: 'bare' },
  ],
  { changelog: '* Mon Nov 02 2026 A <a@example.org> - 1\n- one', withSource: true },
)

const names: [string, Tag][] = Object.entries(tags)

describe('a header', () => {
  it.each([...packages])('of %s holds for every tag what rpm reads there', async (name, bytes) => {
    const { header } = await readRpm(inChunks(bytes), name)
    // Of rpm 4.19 and 6, or taken by rpm from the signature header.
    const wanted = names.filter(([tag]) => !/^(LONG|ARCHIVESIZE|PAYLOADSHA|PREUNTRANS|POSTUNTRANS)/.test(tag))
    const theirs = askRpm(
      bytes,
      wanted.map(([tag]) => tag),
    )
    const ours = wanted.map(([, tag]) => printed(header, tag))
    expect(ours).toEqual(theirs)
    expect(header.entries.length).toBeGreaterThan(30)
  })

  it('knows every tag under the number that rpm gives it', () => {
    // Of rpm 4.19 and 6.
    const newer = /^(PREUNTRANS|POSTUNTRANS|PAYLOADSHA)/
    const known = names.filter(([name]) => !newer.test(name))
    const script = 'import rpm, sys; print([getattr(rpm, "RPMTAG_" + name) for name in sys.argv[1:]])'
    const theirs = execFileSync('/usr/bin/python3', ['-c', script, ...known.map(([name]) => name)])
    expect(known.map(([, { number }]) => number)).toEqual(JSON.parse(theirs.toString()))
  })

  it('gives undefined for what it does not have', async () => {
    const { header } = await readRpm(inChunks(packages.get('bare-1.0-1.noarch.rpm')!), 'bare')
    expect([header.has(tags.EPOCH), header.get(tags.EPOCH), header.get(tags.BASENAMES)]).toEqual([
      false,
      undefined,
      undefined,
    ])
  })

  it('holds numbers of every width', () => {
    const header = parse([
      { tag: tags.EPOCH.number, type: 3, values: [65_535] },
      { tag: tags.FILEFLAGS.number, type: 4, values: [0, 4_294_967_295] },
      { tag: tags.LONGSIZE.number, type: 5, values: [2 ** 53 - 1] },
    ])
    expect(header.get(tags.EPOCH)).toBe(65_535)
    expect(header.get(tags.FILEFLAGS)).toEqual([0, 4_294_967_295])
    expect(header.get(tags.LONGSIZE)).toBe(2 ** 53 - 1)
  })

  it('takes the untranslated of several texts', () => {
    expect(parse([{ tag: 1004, type: 9, values: ['plain', 'schlicht'] }]).get(tags.SUMMARY)).toBe('plain')
  })

  it('lets what was appended behind the region of a signature header replace what is in it', () => {
    const dsa = signatureTags.DSA.number
    const before = writeHeader([{ tag: dsa, type: 7, values: ['old'] }], 62)
    const { offset } = entryAt(2)
    const line = Buffer.from('0000010b000000070000000000000003', 'hex')
    const appended = Buffer.concat([
      before.subarray(0, offset - 8),
      line,
      before.subarray(offset - 8),
      Buffer.from('new'),
    ])
    appended.writeUInt32BE(3, 8)
    appended.writeUInt32BE(before.readUInt32BE(12) + 3, 12)
    appended.writeInt32BE(before.readUInt32BE(12), offset)
    expect(parseHeader(appended, 'signature', 'test.rpm').get(signatureTags.DSA)?.toString()).toBe('new')
    const twice = writeHeader(
      [
        { tag: dsa, type: 7, values: ['old'] },
        { tag: dsa, type: 7, values: ['new'] },
      ],
      62,
    )
    expect(() => parseHeader(twice, 'signature', 'test.rpm')).toThrow(
      /tag 267 \(DSA\) at offset 3 is there twice/,
    )
  })
})

describe('a header that lies', () => {
  const honest: WrittenTag[] = [
    { tag: 1000, type: 6, values: ['name'] },
    { tag: 1047, type: 8, values: ['one', 'two'] },
    { tag: 1112, type: 4, values: [1, 2] },
    { tag: 5009, type: 5, values: [3] },
  ]
  const trailerAt = 16 + 5 * 16 + 32

  it('not this one', () => {
    expect(parse(honest).get(tags.PROVIDENAME)).toEqual(['one', 'two'])
  })

  it.each<[string, (bytes: Buffer) => unknown, string]>([
    ['about its magic', bytes => bytes.writeUInt8(0, 3), 'does not begin as one'],
    ['having no tags', bytes => bytes.writeUInt32BE(0, 8), '0 tags are not between'],
    ['having too many tags', bytes => bytes.writeUInt32BE(65_536, 8), '65536 tags'],
    ['having too many data', bytes => bytes.writeUInt32BE(2 ** 26 + 1, 12), '67108865 bytes of data'],
    ['about its length', bytes => bytes.writeUInt32BE(4, 8), 'it has 144 bytes where it says 128'],
    ["about its region's type", bytes => bytes.writeUInt32BE(6, entryAt(0).type), 'tag 63 .* is no region'],
    ["about its region's size", bytes => bytes.writeUInt32BE(8, entryAt(0).count), 'tag 63 .* is no region'],
    ['with a region outside', bytes => bytes.writeInt32BE(33, entryAt(0).offset), 'points outside'],
    ['with a region before', bytes => bytes.writeInt32BE(-8, entryAt(0).offset), 'points outside'],
    ['with another trailer', bytes => bytes.writeUInt32BE(62, trailerAt), 'has no trailer'],
    ['with a longer region', bytes => bytes.writeInt32BE(-96, trailerAt + 8), 'claims 6 entries of 5'],
    ['with a part of an entry', bytes => bytes.writeInt32BE(-70, trailerAt + 8), 'claims 4.375 entries'],
    ['with a shorter region', bytes => bytes.writeInt32BE(-64, trailerAt + 8), 'does not hold the whole'],
    [
      'with an impossible tag',
      bytes => bytes.writeUInt32BE(99, entryAt(1).tag),
      'tag 99 .* impossible number',
    ],
    ['with no type', bytes => bytes.writeUInt32BE(0, entryAt(1).type), 'unknown type 0'],
    [
      'with an unknown type',
      bytes => bytes.writeUInt32BE(10, entryAt(2).type),
      'PROVIDENAME.* unknown type 10',
    ],
    ['with no items', bytes => bytes.writeUInt32BE(0, entryAt(2).count), 'impossible count, 0'],
    ['with endless items', bytes => bytes.writeUInt32BE(0xffff_ffff, entryAt(2).count), 'impossible count'],
    ['with two of one string', bytes => bytes.writeUInt32BE(2, entryAt(1).count), 'one string and counts 2'],
    [
      'with data that overlap',
      bytes => bytes.writeInt32BE(12, entryAt(4).offset),
      'overlaps the data before',
    ],
    [
      'with an offset before the data',
      bytes => bytes.writeInt32BE(-4, entryAt(1).offset),
      'overlaps the data',
    ],
    ['with odd offsets', bytes => bytes.writeInt32BE(25, entryAt(4).offset), 'is not aligned'],
    [
      'with data behind the end',
      bytes => bytes.writeInt32BE(56, entryAt(4).offset),
      'ends outside of the data',
    ],
    ['with too many items', bytes => bytes.writeUInt32BE(9, entryAt(4).count), 'with 9 items ends outside'],
    [
      'with data in the trailer',
      bytes => bytes.writeUInt32BE(2, entryAt(4).count),
      "overlaps the region's trailer",
    ],
    ['with one tag twice', bytes => bytes.writeUInt32BE(1000, entryAt(2).tag), 'NAME.* is there twice'],
  ])('%s is refused', (_, damage, reason) => {
    const bytes = writeHeader(honest, 63)
    damage(bytes)
    expect(() => parseHeader(bytes, 'main', 'test.rpm')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: expect.stringMatching(`^test.rpm is no valid RPM package: its header: .*${reason}`),
      }),
    )
  })

  it('of too many items is refused', () => {
    const bytes = writeHeader([{ tag: 1000, type: 8, values: ['x'.repeat(2 ** 20)] }], 63)
    bytes.writeUInt32BE(2 ** 20, entryAt(1).count)
    expect(() => parseHeader(bytes, 'main', 'test.rpm')).toThrow(/too many items/)
  })

  it.each<[string, WrittenTag[], Tag, (bytes: Buffer) => unknown, string]>([
    ['a string without an end', [{ tag: 1000, type: 6, values: ['name'] }], tags.NAME, endless, 'has no end'],
    [
      'a text without an end',
      [{ tag: 1004, type: 9, values: ['name'] }],
      tags.SUMMARY,
      endless,
      'has no end',
    ],
    [
      'strings that are too few',
      [{ tag: 1047, type: 8, values: ['a', 'b'] }],
      tags.PROVIDENAME,
      bytes => bytes.writeUInt32BE(3, entryAt(1).count),
      'counts 3 strings and has fewer',
    ],
    [
      'a number beyond 2^53',
      [{ tag: 5009, type: 5, values: [2 ** 54] }],
      tags.LONGSIZE,
      nothing,
      'beyond 2\\^53',
    ],
    [
      'a string for a number',
      [{ tag: 1003, type: 6, values: ['1'] }],
      tags.EPOCH,
      nothing,
      'should be number',
    ],
    ['a number for a string', [{ tag: 1000, type: 4, values: [1] }], tags.NAME, nothing, 'should be string'],
    [
      'bytes for strings',
      [{ tag: 1047, type: 7, values: ['x'] }],
      tags.PROVIDENAME,
      nothing,
      'should be strings',
    ],
    [
      'strings for numbers',
      [{ tag: 1112, type: 8, values: ['x'] }],
      tags.PROVIDEFLAGS,
      nothing,
      'should be numbers',
    ],
  ])('with %s is refused where it is read', (_, lines, tag, damage, reason) => {
    const bytes = writeHeader(lines, 63)
    damage(bytes)
    const header = parseHeader(bytes, 'main', 'test.rpm')
    expect(() => header.get(tag)).toThrow(expect.objectContaining({ message: expect.stringMatching(reason) }))
  })

  it('is refused as a signature header with more tags than rpm allows', () => {
    const many = (count: number) =>
      writeHeader(
        Array.from({ length: count }, (_, i) => ({ tag: 300 + i, type: 6, values: ['x'] })),
        62,
      )
    expect(parseHeader(many(31), 'signature', 'test.rpm').entries).toHaveLength(32)
    expect(() => parseHeader(many(32), 'signature', 'test.rpm')).toThrow(/signature header: 33 tags/)
  })

  function endless(bytes: Buffer): void {
    bytes.write('x', 16 + 2 * 16 + 4)
  }

  function nothing(): void {}
})

function parse(lines: WrittenTag[]): Header {
  return parseHeader(writeHeader(lines, 63), 'main', 'test.rpm')
}

/** As the query format `[%{TAG}\n]` prints it. */
function printed(header: Header, tag: Tag<TagKind>): string[] {
  const value = header.get(tag)
  if (value === undefined) return []
  return Array.isArray(value) ? value.map(String) : [String(value)]
}
