import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { fieldOf, fieldsOf, linesOf, parseStanza, selectFields } from './deb822.ts'
import { stanzasOf } from './stanzas.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const parse = (text: string) => Object.fromEntries(parseStanza(bytes(text), 'control'))

describe('a stanza', () => {
  it('is a map of lower-case names to values without blanks at their ends', () => {
    expect(parse('Package:  a \t\nMulti-Arch:same\nEmpty:\n')).toEqual({
      package: 'a',
      'multi-arch': 'same',
      empty: '',
    })
  })

  it('keeps continuation lines as they are, without carriage returns', () => {
    expect(parse('A: 1\r\n  two\r\n\tthree \r\nB: x')).toEqual({ a: '1\n  two\n\tthree', b: 'x' })
    expect(parse('A:\n 1\n 2\n')).toEqual({ a: '\n 1\n 2' })
  })

  it('may hold comments, between fields and between the lines of one', () => {
    expect(parse('# c\nA: 1\n#c\n 2\n# c\nB: #no\n#\n')).toEqual({ a: '1\n 2', b: '#no' })
  })

  it('keeps bytes that are not UTF-8', () => {
    expect(parse('A: \xa0\xff\x85\n')).toEqual({ a: '\xa0\xff\x85' })
  })

  it.each([
    [
      'a field that stands twice',
      'A: 1\nB: 2\na: 3\n',
      'the field a stands twice (line 3 of its stanza, byte 10)',
    ],
    ['a NUL', 'A: 1\nB: \0\n', 'a NUL (line 2 of its stanza, byte 8)'],
    [
      'a line that is no field',
      'A: 1\nnothing\n',
      'a line that is no field: "nothing" (line 2 of its stanza, byte 5)',
    ],
    [
      'a blank before the colon',
      'A : 1\n',
      'a line that is no field: "A : 1" (line 1 of its stanza, byte 0)',
    ],
    [
      'a name that begins with a hyphen',
      '-A: 1\n',
      'a line that is no field: "-A: 1" (line 1 of its stanza, byte 0)',
    ],
    ['no name', ': 1\n', 'a line that is no field: ": 1" (line 1 of its stanza, byte 0)'],
    [
      'a continuation of nothing',
      ' 1\n',
      'a continuation line without a field before it (line 1 of its stanza, byte 0)',
    ],
    [
      'an empty line inside',
      'A: 1\n\nB: 1\n',
      'an empty line inside of a stanza (line 2 of its stanza, byte 5)',
    ],
  ])('is refused for %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: `control: ${message}` }),
    )
  })

  it('gives selected fields, in the order asked for, whatever their case', () => {
    const selection = selectFields('Version', 'package', 'Size')
    expect(fieldsOf(bytes('PACKAGE: a\nVersions: 9\nVersion: 1\n 2\n'), selection, 'P')).toEqual([
      '1\n 2',
      'a',
      undefined,
    ])
    expect(() => fieldsOf(bytes('Size: 1\nSIZE: 2\n'), selection, 'P')).toThrow(
      'P: the field Size stands twice',
    )
    expect(() => fieldsOf(bytes('X\n'), selection, 'P')).toThrow('P: a line that is no field')
  })

  it('gives one field', () => {
    expect(fieldOf(bytes('A: 1\nB: 2\n'), 'b')).toBe('2')
    expect(fieldOf(bytes('A: 1\nB: 2\n'), 'C')).toBeUndefined()
  })

  it('gives the same values in bulk as one by one', () => {
    fc.assert(
      fc.property(stanza, text => {
        const all = parseStanza(bytes(text), 'control')
        const names = [...all.keys()]
        expect(fieldsOf(bytes(text), selectFields(...names), 'control')).toEqual([...all.values()])
        for (const name of names) expect(fieldOf(bytes(text), name)).toBe(all.get(name))
      }),
    )
  })

  it('is read as apt reads it', () => {
    const files = fc.sample(
      fc.array(fc.tuple(stanza, fc.constantFrom('\n', '\r\n', '\n\n\r\n')), { maxLength: 6 }),
      200,
    )
    const texts = files.map(parts => parts.map(([text, gap]) => `${text}${gap}`).join(''))
    const ours = texts.map(text =>
      [...stanzasOf(bytes(text), { maxStanzaBytes: 1e6, object: 'control' })].map(one =>
        parse(one.toString('latin1')),
      ),
    )
    expect(ours).toEqual(askApt(texts))
  })

  it('is refused only with a YardError, whatever the bytes', () => {
    const junk = fc.string({ unit: fc.constantFrom('A', ':', '\n', ' ', '#', '\0', '\r', '\t', '-', '\xff') })
    fc.assert(
      fc.property(junk, text => {
        try {
          parse(text)
        } catch (error) {
          expect(isYardError(error, 'invalid')).toBe(true)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('of many blanks takes time in proportion', () => {
    const blanks = ' '.repeat(1_000_000)
    expect(parse(`A:${blanks}1${blanks}\n${blanks}\n`)).toEqual({ a: '1' })
    expect(linesOf(`${blanks}1${blanks}2${blanks}`)).toEqual([`1${blanks}2`])
  })
})

const word = fc.string({ unit: fc.constantFrom('a', '1', '.', '\xe9', ' ', ':'), minLength: 1, maxLength: 8 })
const line = word.map(text => `x${text}y`)
const field = fc
  .tuple(fc.constantFrom(': ', ':', ':\t'), line, fc.array(line, { maxLength: 3 }), fc.constantFrom('', ' '))
  .map(
    ([colon, first, more, end]) => `${colon}${first}${end}\n${more.map(text => ` ${text}${end}\n`).join('')}`,
  )
/** A well-formed stanza of fields with different names. */
const stanza = fc
  .uniqueArray(fc.tuple(fc.constantFrom('Package', 'Version', 'x-y', 'Z9', 'Description-md5'), field), {
    minLength: 1,
    selector: ([name]) => name,
  })
  .map(fields => fields.map(([name, rest]) => name + rest).join(''))

/**
 * What apt's TagFile makes of each text: one object a stanza. Lines do not end in carriage returns here: apt itself
 * gives up on such files.
 */
function askApt(texts: string[]): { [name: string]: string }[][] {
  const directory = mkdtempSync(join(tmpdir(), 'deb822-'))
  try {
    texts.forEach((text, i) => {
      writeFileSync(join(directory, String(i)), bytes(text))
    })
    const script = [
      'import apt_pkg, json, sys',
      'read = lambda section, key: section.find_raw(key).split(b":", 1)[1].decode("latin-1")',
      'files = [apt_pkg.TagFile(open(f"{sys.argv[1]}/{i}", "rb"), True) for i in range(int(sys.argv[2]))]',
      'print(json.dumps([[{k: read(s, k) for k in s.keys()} for s in f] for f in files]))',
    ].join('\n')
    const output = execFileSync('/usr/bin/python3', ['-c', script, directory, String(texts.length)], {
      maxBuffer: 1 << 26,
    })
    return JSON.parse(output.toString('utf8'), tidy)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function tidy(_: string, value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^[ \t]+|[ \t\n]+$/g, '')
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name.toLowerCase(), text]))
}
