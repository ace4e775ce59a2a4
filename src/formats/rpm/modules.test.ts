import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteStringOfText } from '../../model/index.ts'
import { expectOnlyYardErrors } from '../archive/mutation.fixture.ts'
import { moduleDocumentsOf } from './module-documents.ts'
import { moduleValue, type Value } from './module-values.ts'
import { readModuleDocument } from './modules.ts'

const stream = `---
document: modulemd
version: 2
data:
  name: tool
  stream: 1.10
  version: 8020020260101
  context: 0e10
  arch: x86_64
  summary: "Tools \\u00e9"
  description: >-
    Text
     --- not a document
  dependencies:
  - buildrequires:
      platform: [el8]
    requires:
      platform: [el8, -el9]
      perl: []
  - requires: {platform: [f30]}
  profiles:
    common:
      rpms: [tool, tool-libs]
    minimal: {rpms: [tool]}
  artifacts:
    rpms:
    - tool-0:1.10-1.x86_64
    - 'tool-libs-0:1.10-1.x86_64'
...
`
const defaults = `---
document: modulemd-defaults
version: 1
data:
  module: tool
  stream: 1.10
  profiles:
    1.10: [common]
    2.0: []
`
const obsoletes = `---
document: modulemd-obsoletes
version: 1
data:
  module: tool
  stream: 1.0
  context: ab12
  modified: 2026-11-21T00:00Z
  message: "Use 1.10"
  eol_date: 2027-01-01T00:00Z
  reset: true
  obsoleted_by: {module: tool, stream: 1.10}
`
const old = `---
document: modulemd
version: 1
data:
  name: tool
  stream: no
  dependencies: {buildrequires: {platform: f28}, requires: {platform: f28}}
`
const packager = '---\ndocument: modulemd-packager\nversion: 3\ndata: {name: x}\n'
const everything = [stream, defaults, obsoletes, old, packager]
const read = (text: string) => readModuleDocument(Buffer.from(text), 'modules.yaml')
const split = (text: string) =>
  moduleDocumentsOf(Buffer.from(text, 'latin1'), 'modules.yaml').map(bytes => bytes.toString('latin1'))

describe('modules.yaml', () => {
  it('holds streams of modules, with packages, profiles and needs', () => {
    expect(read(stream)).toEqual({
      kind: 'stream',
      name: 'tool',
      stream: '1.10',
      version: '8020020260101',
      context: '0e10',
      arch: 'x86_64',
      summary: byteStringOfText('Tools é'),
      artifacts: ['tool-0:1.10-1.x86_64', 'tool-libs-0:1.10-1.x86_64'],
      profiles: new Map([
        ['common', ['tool', 'tool-libs']],
        ['minimal', ['tool']],
      ]),
      requires: [
        new Map([
          ['platform', ['el8', '-el9']],
          ['perl', []],
        ]),
        new Map([['platform', ['f30']]]),
      ],
    })
  })

  it('holds streams of version 1, whose name is text even where YAML has another word for it', () => {
    expect(read(old)).toMatchObject({
      kind: 'stream',
      stream: 'no',
      requires: [new Map([['platform', ['f28']]])],
    })
  })

  it('holds defaults and ends of life', () => {
    expect(read(defaults)).toEqual({
      kind: 'defaults',
      name: 'tool',
      stream: '1.10',
      profiles: new Map([
        ['1.10', ['common']],
        ['2.0', []],
      ]),
    })
    expect(read(obsoletes)).toEqual({
      kind: 'obsoletes',
      name: 'tool',
      stream: '1.0',
      context: 'ab12',
      modified: '2026-11-21T00:00Z',
      endOfLife: '2027-01-01T00:00Z',
      message: 'Use 1.10',
      reset: true,
      obsoletedBy: { name: 'tool', stream: '1.10' },
    })
    expect(read(obsoletes.replace(/ {2}reset[\s\S]*/, ''))).toMatchObject({
      reset: false,
      obsoletedBy: undefined,
    })
  })

  it('may hold what is not known', () => {
    expect(read(packager)).toEqual({ kind: 'other', document: 'modulemd-packager' })
  })

  it('is cut into its documents byte for byte', () => {
    expect(split(everything.join(''))).toEqual(everything)
    expect(split(`%YAML 1.2\n# x\n${stream}# y\n%YAML 1.2\n${defaults}`)).toEqual([stream, defaults])
    expect(split('a: 1\n---\nb: 2\n--- {c: 3}\n---\n')).toEqual([
      'a: 1\n',
      '---\nb: 2\n',
      '--- {c: 3}\n',
      '---\n',
    ])
    expect(split('--- |\n ---\n----\n...\r\n...\n# x')).toEqual(['--- |\n ---\n----\n...\r\n'])
    expect(split('')).toEqual([])
  })

  it('is cut and read as PyYAML does it', () => {
    const ask = `
import json, sys, yaml
print(json.dumps([list(yaml.load_all(text, Loader=yaml.BaseLoader)) for text in json.load(sys.stdin)]))`
    const some = fc.sample(
      fc.shuffledSubarray(everything, { minLength: 1 }).map(parts => parts.join('')),
      30,
    )
    const expected = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', ask], { input: JSON.stringify(some) }).toString(),
    )
    for (const [i, text] of some.entries()) {
      const documents = moduleDocumentsOf(Buffer.from(text), 'x')
      expect(documents.map(document => plain(moduleValue(document, 'x')))).toEqual(expected[i])
    }
  })

  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghi', (name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]},`.repeat(9)}x]\n`).join('')}`
  it.each([
    ['no YAML', '---\ndata: [', 'modules.yaml: character'],
    ['no kind', '---\ndata: {name: x}\n', 'it does not say which kind of document it is'],
    ['no mapping', '--- text\n', 'it does not say which kind of document it is'],
    ['no name', stream.replace('name: tool', 'nam: tool'), 'it names no module'],
    ['a key twice', stream.replace('  arch:', '  name: other\n  arch:'), 'the key "name" stands twice'],
    ['aliases that grow', `---\ndocument: modulemd\n${bomb}`, 'it cannot be read: Excessive alias count'],
    ['brackets without end', '['.repeat(500_000), 'brackets nested more than 200 deep'],
    [
      'mappings without end',
      Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i % 1000)}a:`).join('\n'),
      '',
    ],
    ['an alias of nothing', '---\na: *b\n', 'modules.yaml: '],
  ])('is refused with %s', (_, text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) }),
    )
  })

  it('is refused when it is not UTF-8, or larger than any', () => {
    expect(() => readModuleDocument(Buffer.from('a: \xe9', 'latin1'), 'x')).toThrow(
      'x: it is not written in UTF-8',
    )
    expect(() => split(`---\na: b\n---\n${'# x\n'.repeat(300_000)}`)).toThrow(
      'modules.yaml: the document at byte 9 is longer than 1048576 bytes',
    )
    expect(() => split('---\n'.repeat(20_001))).toThrow('modules.yaml: it has more than 20000 documents')
  })

  it('is read or refused with a YardError, whatever the damage', async () => {
    await expectOnlyYardErrors(
      [Buffer.from(everything.join(''))],
      async damaged => {
        for (const document of moduleDocumentsOf(damaged, 'x')) readModuleDocument(document, 'x')
      },
      500,
    )
  })
})

function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]))
  return value
}
