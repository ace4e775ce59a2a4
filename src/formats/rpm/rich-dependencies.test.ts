import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isYardError } from '../../model/index.ts'
import { parseRpmDependency } from './dependencies.ts'
import { formatRichDependency } from './rich-dependencies.fixture.ts'
import { parseRichDependency, type RichDependency } from './rich-dependencies.ts'

const parse = (text: string) => parseRichDependency(text, 'foo: Requires')
const name = (text: string): RichDependency => ({
  operator: 'name',
  dependency: parseRpmDependency(text, 'test'),
})
const [a, b, c] = [name('a'), name('b'), name('c')] as const

describe('a rich dependency', () => {
  it.each<[string, RichDependency]>([
    ['(a)', a],
    ['((a))', a],
    ['(a and b)', { operator: 'and', operands: [a, b] }],
    ['(a or b or c)', { operator: 'or', operands: [a, b, c] }],
    ['(a with b)', { operator: 'with', operands: [a, b] }],
    ['(a without b)', { operator: 'without', operands: [a, b] }],
    ['(a if b)', { operator: 'if', subject: a, condition: b, otherwise: undefined }],
    ['(a if b else c)', { operator: 'if', subject: a, condition: b, otherwise: c }],
    ['(a unless b else c)', { operator: 'unless', subject: a, condition: b, otherwise: c }],
    ['( a,or\t( b and  c ) )', { operator: 'or', operands: [a, { operator: 'and', operands: [b, c] }] }],
    ['(a >= 1:2-3 with b)', { operator: 'with', operands: [name('a >= 1:2-3'), b] }],
    ['(a => 1 or b)', { operator: 'or', operands: [name('a >= 1'), b] }],
    [
      '(libx.so.1()(64bit) if pkgconfig(x) = 1)',
      {
        operator: 'if',
        subject: name('libx.so.1()(64bit)'),
        condition: name('pkgconfig(x) = 1'),
        otherwise: undefined,
      },
    ],
    [
      '(a if (b or c) else (b with c))',
      {
        operator: 'if',
        subject: a,
        condition: { operator: 'or', operands: [b, c] },
        otherwise: { operator: 'with', operands: [b, c] },
      },
    ],
  ])('is read from %s', (text, tree) => {
    expect(parse(text)).toEqual(tree)
    expect(parse(formatRichDependency(tree))).toEqual(tree)
  })

  it.each([
    ['', 0, 'expected "\\("'],
    ['a', 0, 'expected "\\("'],
    ['()', 1, 'expected a name'],
    ['(a', 2, 'expected an operator or'],
    ['(a and', 6, 'expected a name'],
    ['(a and )', 7, 'expected a name'],
    ['(a b)', 3, 'expected an operator or'],
    ['(a >= )', 6, 'expected a version'],
    ['(a => 1 or b) c', 13, 'expected nothing more'],
    ['(a and b or c)', 9, 'expected "\\)"'],
    ['(a if b if c)', 8, 'expected "\\)"'],
    ['(a without b without c)', 13, 'expected "\\)"'],
    ['(a if b else c else d)', 15, 'expected "\\)"'],
    ['(a else b)', 3, 'expected "\\)"'],
    ['(a or (b with (c and d)))', 6, 'only names, or, with and without belong below "with"'],
    ['(a without (b or (c if d)))', 0, 'only names, or, with and without belong below "without"'],
    [`${'('.repeat(65)}a${')'.repeat(65)}`, 64, 'more than 64 levels'],
  ])('is not %j, which is wrong at byte %i', (text, at, reason) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: expect.stringMatching(`^foo: Requires: ${reason}.* at byte ${at}, found `),
      }),
    )
  })

  it('reads as what it was printed from', () => {
    fc.assert(
      fc.property(anyTree, tree => {
        expect(parse(formatRichDependency(tree))).toEqual(tree)
      }),
    )
  })

  it('is one exactly where rpmbuild reads one', () => {
    const texts = fc.sample(damaged, 700)
    const theirs = askRpmbuild(texts)
    const judged = texts.map((text, i) => [text, theirs[i]]).filter(([, answer]) => answer !== 'context')
    const ours = judged.map(([text]) => [text, isRead(text!) ? 'yes' : 'no'])
    expect(ours).toEqual(judged)
    expect(judged.filter(([, answer]) => answer === 'yes').length).toBeGreaterThan(50)
    expect(judged.filter(([, answer]) => answer === 'no').length).toBeGreaterThan(50)
  })
})

const leaf = fc
  .constantFrom('a', 'b >= 1', 'c(x) = 1:2-3', 'libd.so.1()(64bit)', '/bin/e', 'f < 1~rc1')
  .map(name)
const { tree: anyTree } = fc.letrec<{ tree: RichDependency; alternative: RichDependency }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('alternative'),
    groupOf(fc.constantFrom('and', 'or'), tie('tree')),
    fc.record({
      operator: fc.constantFrom('if', 'unless'),
      subject: tie('tree'),
      condition: tie('tree'),
      otherwise: fc.option(tie('tree'), { nil: undefined }),
    }),
  ),
  alternative: fc.oneof(
    { depthSize: 'small' },
    leaf,
    groupOf(fc.constantFrom('or', 'with'), tie('alternative')),
    fc
      .tuple(tie('alternative'), tie('alternative'))
      .map(operands => ({ operator: 'without' as const, operands })),
  ),
}))

function groupOf(operator: fc.Arbitrary<'and' | 'or' | 'with'>, operand: fc.Arbitrary<RichDependency>) {
  return fc.record({ operator, operands: fc.array(operand, { minLength: 2, maxLength: 3 }) })
}

/** Rich dependencies with a word changed, put in or taken out. `else` is left alone: rpm takes one where it makes no sense. */
const damaged = fc
  .tuple(
    anyTree,
    fc.nat(),
    fc.constantFrom('keep', 'keep', 'drop', 'change', 'insert'),
    fc.constantFrom('and', 'or', 'with', 'if', '(', ')', 'x'),
  )
  .map(([tree, at, damage, word]) => {
    const words = formatRichDependency(tree).match(/[()]|[a-z/][^ ()]*(?:\([^ ()]*\))*|[^ ()]+/g)!
    const i = 1 + (at % words.length)
    if (words[i] === undefined || damage === 'keep' || words[i] === 'else') return words.join(' ')
    words.splice(i, damage === 'insert' ? 0 : 1, ...(damage === 'drop' ? [] : [word]))
    return words.join(' ')
  })
  // A version may hold only some signs, which rpmbuild alone looks at.
  .filter(text => text.startsWith('(') && !text.includes('else') && !/[<=>] [()]/.test(text))

function isRead(text: string): boolean {
  try {
    parse(text)
    return true
  } catch (error) {
    expect(isYardError(error, 'invalid')).toBe(true)
    return false
  }
}

/** Whether rpmbuild takes each text for one dependency; `context` where it knows it and wants none such in Requires. */
function askRpmbuild(texts: string[]): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-rich-'))
  const script = `
import json, os, rpm, sys
os.chdir(sys.argv[1])
log = open('log', 'w')
rpm.setLogFile(log)
head = 'Name: x\\nVersion: 1\\nRelease: 1\\nSummary: x\\nLicense: x\\n'
def answer(text):
  log.truncate(0)
  with open('test.spec', 'w') as spec: spec.write(head + 'Requires: ' + text + '\\n%description\\n')
  try: names = rpm.spec('test.spec').packages[0].header['requirename']
  except Exception:
    log.flush()
    return 'context' if 'Illegal context' in open('log').read() else 'no'
  return 'yes' if len([name for name in names if not name.startswith('rpmlib(')]) == 1 else 'no'
print(json.dumps([answer(text) for text in json.load(sys.stdin)]))
`
  try {
    const input = JSON.stringify(texts)
    return JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script, directory], { input, encoding: 'utf8' }),
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}
