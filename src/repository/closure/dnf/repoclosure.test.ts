import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { parseEvr, parseRpmDependency } from '../../../formats/index.ts'
import { addRow, dropRow } from '../packages.ts'
import { recallRpm, rememberRpm } from './remember.ts'
import { createRowReader } from './row-reader.ts'
import { createRpmUniverse, type RpmUniverse } from './universe.ts'
import { unsatisfiedIn } from './unsatisfied.ts'

const directory = mkdtempSync(join(tmpdir(), 'switchyard-repoclosure-'))
afterAll(() => rmSync(directory, { recursive: true }))

interface Described {
  name: string
  version: string
  architecture: string
  requires: string[]
  provides: string[]
  files: string[]
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

function entryOf(text: string): string {
  if (text.startsWith('(')) return `<rpm:entry name="${escaped(text)}"/>`
  const { name, flags, evr } = parseRpmDependency(text, 'a test')
  if (evr === undefined) return `<rpm:entry name="${name}"/>`
  const release = evr.release === undefined ? '' : ` rel="${evr.release}"`
  return `<rpm:entry name="${name}" flags="${flags}" epoch="${evr.epoch ?? 0}" ver="${evr.version}"${release}/>`
}

function fragmentOf({ name, version, architecture, requires, provides, files }: Described): string {
  const { version: ver, release } = parseEvr(version)
  const list = (kind: string, texts: string[]) =>
    texts.length === 0 ? '' : `<rpm:${kind}>${texts.map(entryOf).join('')}</rpm:${kind}>`
  const id = createHash('sha256').update(`${name} ${version} ${architecture}`).digest('hex')
  return `<package type="rpm"><name>${name}</name><arch>${architecture}</arch><version epoch="0" ver="${ver}" rel="${release}"/>
<checksum type="sha256" pkgid="YES">${id}</checksum><summary/><description/><packager/><url/><time file="1" build="1"/>
<size package="1" installed="1" archive="1"/><location href="${name}-${version}.${architecture}.rpm"/>
<format><rpm:license/>${list('provides', [`${name} = ${version}`, ...provides])}${list('requires', requires)}${files.map(path => `<file>${path}</file>`).join('')}</format></package>\n`
}

/** `name-version.architecture: dependency` of what `dnf repoclosure` does not find, sorted. */
function repoclosure(packages: readonly Described[]): string[] {
  const repodata = join(directory, 'repodata')
  mkdirSync(repodata, { recursive: true })
  const primary = `<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="${packages.length}">
${packages.map(fragmentOf).join('')}</metadata>\n`
  const digest = createHash('sha256').update(primary).digest('hex')
  writeFileSync(join(repodata, `${digest}-primary.xml`), primary)
  const data = `<data type="primary"><checksum type="sha256">${digest}</checksum><open-checksum type="sha256">${digest}</open-checksum><location href="repodata/${digest}-primary.xml"/><timestamp>1</timestamp><size>${primary.length}</size><open-size>${primary.length}</open-size></data>`
  writeFileSync(
    join(repodata, 'repomd.xml'),
    `<?xml version="1.0" encoding="UTF-8"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>1</revision>${data}</repomd>\n`,
  )
  const settings = Object.entries({
    cachedir: 'cache',
    persistdir: 'persist',
    logdir: 'log',
    reposdir: 'none',
  })
  writeFileSync(
    join(directory, 'dnf.conf'),
    `[main]\ngpgcheck=0\n${settings.map(([key, place]) => `${key}=${join(directory, place)}\n`).join('')}[up]\nname=up\nbaseurl=file://${directory}\nmetadata_expire=0\n`,
  )
  // What it remembers is not expired within the second in which it was read.
  for (const place of ['cache', 'root']) rmSync(join(directory, place), { recursive: true, force: true })
  const args = ['-q', '-c', join(directory, 'dnf.conf'), `--installroot=${join(directory, 'root')}`]
  const { stdout, stderr, status } = spawnSync(
    'dnf',
    [...args, '--releasever=1', '--forcearch=x86_64', '--refresh', 'repoclosure'],
    { encoding: 'utf8', maxBuffer: 1 << 26, env: { PATH: process.env.PATH!, LC_ALL: 'C.UTF-8' } },
  )
  if (status !== 0) expect(stderr).toContain('Repoclosure ended with unresolved dependencies')
  const blocks = stdout.split(/^package: /m).slice(1)
  return blocks
    .flatMap(block => {
      const [title, , ...dependencies] = block.trim().split(/\n\s*/)
      return dependencies.map(text => `${title!.split(' ')[0]}: ${text}`)
    })
    .sort()
}

function rowOf(universe: RpmUniverse, described: Described) {
  return createRowReader(universe)(described, Buffer.from(fragmentOf(described)))
}

function brokenIn(universe: RpmUniverse): string[] {
  const { packages, words } = universe
  const title = (one: number) =>
    `${words.texts[packages.names[one]!]}-${words.texts[packages.versions[one]!]}.${words.texts[packages.architectures[one]!]}`
  return unsatisfiedIn(universe)
    .flatMap(({ found }) =>
      found.map(([one, text]) => `${title(one)}: ${universe.dependencies.words.texts[text]}`),
    )
    .sort()
}

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
const range = fc
  .tuple(fc.constantFrom('<', '<=', '=', '>=', '>'), fc.constantFrom('1', '2', '1-1', '2-1', '2-2', '1:1-1'))
  .map(([sign, version]) => ` ${sign} ${version}`)
const plain = fc.tuple(name, fc.oneof(fc.constant(''), range)).map(parts => parts.join(''))
/** repoclosure is content with one side of `and`, with which dnf installs nothing, and sees the sides of `if` otherwise. */
const rich = fc
  .tuple(plain, fc.constantFrom('or', 'with', 'without'), plain)
  .map(([a, operator, b]) => `(${a} ${operator} ${b})`)
const path = fc.constantFrom('/usr/bin/one', '/usr/bin/two', '/etc/three')
const wanted = fc.oneof(
  { weight: 5, arbitrary: plain },
  rich,
  path,
  fc.constant('rpmlib(CompressedFileNames) <= 3.0.4-1'),
)
const described: fc.Arbitrary<Described> = fc.record({
  name,
  version: fc.constantFrom('1-1', '2-1', '2-2'),
  architecture: fc.constantFrom('x86_64', 'x86_64', 'noarch', 'i686'),
  requires: fc.uniqueArray(wanted, { maxLength: 3 }),
  provides: fc.uniqueArray(plain, { maxLength: 2 }),
  files: fc.uniqueArray(path, { maxLength: 1 }),
})
const titleOf = (one: Described) => `${one.name}-${one.version}.${one.architecture}`
const universeOf = fc.uniqueArray(described, { selector: titleOf, minLength: 1, maxLength: 12 })

/** The same packages under other names, so that many repositories can be asked about at once. */
function prefixed(packages: readonly Described[], prefix: string): Described[] {
  const rename = (text: string) =>
    text.replace(/(^|[( ])(?=[a-f]( [<=>]|$|\)| (and|or|with)))/g, `$1${prefix}`)
  const place = (text: string) => (text.startsWith('/') ? `${text}-${prefix}` : rename(text))
  return packages.map(one => ({
    ...one,
    name: `${prefix}${one.name}`,
    requires: one.requires.map(place),
    provides: one.provides.map(rename),
    files: one.files.map(place),
  }))
}

describe('what dnf repoclosure finds', () => {
  it('is found for five hundred small repositories', { timeout: 300_000 }, () => {
    fc.assert(
      fc.property(fc.array(universeOf, { minLength: 100, maxLength: 100 }), universes => {
        const all = universes.flatMap((packages, i) => prefixed(packages, `u${i}-`))
        const universe = createRpmUniverse()
        for (const one of all) addRow(universe.packages, rowOf(universe, one), 'judged')
        expect(brokenIn(universe)).toEqual(repoclosure(all))
      }),
      { numRuns: 5, endOnFailure: true },
    )
  })

  it('is found again from what was remembered, whatever came and went', () => {
    fc.assert(
      fc.property(universeOf, universeOf, (before, after) => {
        const first = createRpmUniverse()
        for (const one of before) addRow(first.packages, rowOf(first, one), 'judged')
        const { universe } = recallRpm(rememberRpm({ universe: first, note: '' }))
        expect(brokenIn(universe)).toEqual(brokenIn(first))
        for (const one of before)
          expect(dropRow(universe.packages, rowOf(universe, one), 'judged')).toBeDefined()
        const afresh = createRpmUniverse()
        for (const one of after)
          for (const each of [universe, afresh]) addRow(each.packages, rowOf(each, one), 'judged')
        expect(brokenIn(universe)).toEqual(brokenIn(afresh))
      }),
      { numRuns: 400 },
    )
  })
})
