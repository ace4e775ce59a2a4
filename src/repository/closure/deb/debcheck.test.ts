import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type Described, judge, stanzaOf } from './judged.fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'switchyard-debcheck-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** `name version` of each package that dose-debcheck finds broken, sorted. */
function debcheck(packages: readonly Described[]): string[] {
  const file = join(directory, 'Packages')
  writeFileSync(file, packages.map(one => `${stanzaOf(one)}\n`).join(''))
  const { stdout, stderr, status } = spawnSync(
    'dose-debcheck',
    ['--deb-native-arch=amd64', '--failures', file],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  )
  expect(status, stderr).toBeLessThan(2)
  const broken = stdout.matchAll(/^ {2}package: (.*)\n {2}version: (.*)$/gm)
  return [...broken].map(([, name, version]) => `${name} ${version}`).sort()
}

const real: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
const virtual = fc.constantFrom('v', 'w')
const version = fc.constantFrom('1', '2', '3')
const range = fc
  .tuple(fc.constantFrom('<<', '<=', '=', '>=', '>>'), version)
  .map(([op, v]) => ` (${op} ${v})`)
const relation = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: real }, virtual),
    fc.oneof({ weight: 2, arbitrary: fc.constant('') }, range),
  )
  .map(parts => parts.join(''))
/** `m` is always `Multi-Arch: allowed`; of `m:any (>= 2)` debcheck forgets the version. */
const wanted = fc.oneof(
  { weight: 12, arbitrary: relation },
  fc.constantFrom('m:any', 'm:native', 'm:amd64', 'm:i386'),
)
const alternatives = fc.array(wanted, { minLength: 1, maxLength: 3 }).map(list => list.join(' | '))
const provided = fc
  .tuple(
    fc.oneof(virtual, real),
    fc.oneof(
      fc.constant(''),
      version.map(v => ` (= ${v})`),
    ),
  )
  .map(parts => parts.join(''))
const list = (item: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(item, { maxLength }).map(items => items.join(', '))

const described = fc
  .record({
    Package: fc.oneof({ weight: 8, arbitrary: real }, fc.constant('m')),
    Version: version,
    Architecture: fc.constantFrom('amd64', 'all'),
    'Pre-Depends': list(alternatives, 1),
    Depends: list(alternatives, 3),
    Conflicts: list(relation, 2),
    Breaks: list(relation, 1),
    Provides: list(provided, 2),
  })
  .map((fields): Described => {
    const filled = Object.entries(fields).filter(([, value]) => value !== '')
    const allowed = fields.Package === 'm' ? { 'Multi-Arch': 'allowed' } : {}
    return { ...Object.fromEntries(filled), Package: fields.Package, ...allowed }
  })
const universe = fc.uniqueArray(described, {
  selector: one => `${one.Package} ${one.Version}`,
  minLength: 1,
  maxLength: 16,
})

/** The same packages under other names, so that many universes can be asked about at once. */
function prefixed(packages: readonly Described[], prefix: string): Described[] {
  const fields = ['Package', 'Pre-Depends', 'Depends', 'Conflicts', 'Breaks', 'Provides']
  const rename = (text: string) => text.replace(/(^|[,|] )(?=[a-z])/g, `$1${prefix}`)
  return packages.map(
    one =>
      Object.fromEntries(
        Object.entries(one).map(([name, value]) => [name, fields.includes(name) ? rename(value) : value]),
      ) as Described,
  )
}

describe('the verdict on every package is that of dose-debcheck', () => {
  it('for a thousand small repositories', { timeout: 300_000 }, async () => {
    const many = fc.array(universe, { minLength: 100, maxLength: 100 })
    await fc.assert(
      fc.asyncProperty(many, async universes => {
        const ours = await Promise.all(universes.map((packages, i) => judge(prefixed(packages, `u${i}-`))))
        const theirs = debcheck(universes.flatMap((packages, i) => prefixed(packages, `u${i}-`)))
        expect(ours.flatMap(({ broken }) => broken).sort()).toEqual(theirs)
      }),
      { numRuns: 10, endOnFailure: true },
    )
  })

  it('where some packages are essential', { timeout: 300_000 }, async () => {
    const withEssentials = fc.tuple(universe, fc.uniqueArray(real, { minLength: 1, maxLength: 2 }))
    await fc.assert(
      fc.asyncProperty(withEssentials, async ([packages, names]) => {
        const essential = packages.map(one =>
          names.includes(one.Package) ? { ...one, Essential: 'yes' } : one,
        )
        expect((await judge(essential)).broken).toEqual(debcheck(essential))
      }),
      { numRuns: 60 },
    )
  })
})

describe('a later check', () => {
  it('finds what a first one would, whatever came and went', async () => {
    await fc.assert(
      fc.asyncProperty(universe, fc.array(fc.tuple(fc.nat(15), described)), async (packages, edits) => {
        const essential = packages.map((one, i) => (i === 0 ? { ...one, Essential: 'yes' } : one))
        const first = await judge(essential)
        const go = essential.filter((_, i) => edits.some(([at]) => at === i))
        const stay = essential.filter(one => !go.includes(one))
        const come = edits
          .map(([, one]) => one)
          .filter((one, i, all) => all.findIndex(other => isSame(one, other)) === i)
          .filter(one => !stay.some(other => isSame(one, other)))
        const later = await judge(come, { memory: first.memory, go })
        const afresh = await judge([...stay, ...come])
        expect(later.broken).toEqual(afresh.broken)
        const last = await judge(go, { memory: later.memory, go: come })
        expect(last.broken).toEqual(first.broken)
      }),
      { numRuns: 400 },
    )
  })
})

function isSame(a: Described, b: Described): boolean {
  return a.Package === b.Package && a.Version === b.Version
}
