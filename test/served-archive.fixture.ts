import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** One version of one package. Made once; the same specification gives the same file as long as the archive lives. */
export interface PackageSpec {
  name: string
  version: string
  /** Default `all`. */
  architecture?: string
  /** Default: the package's own name. */
  source?: string
  /** Default: the archive's first. */
  component?: string
  /** Default: every suite of the archive. */
  suites?: string[]
  depends?: string
  provides?: string
  /** Further fields of its control file, and of its stanza. */
  fields?: Record<string, string>
  /** Bytes that do not compress, so that the file is at least as large. */
  size?: number
  /** Text of its changelog.Debian. */
  changelog?: string
  /** Files within the package, by path without leading slash. */
  files?: Record<string, string>
}

export interface ArchiveSpec {
  packages: PackageSpec[]
  /** Default `['stable']`; `./` or `dir/` makes a flat repository there. */
  suites?: string[]
  /** Default `['main']`. */
  components?: string[]
  /** Default `['amd64']`. */
  architectures?: string[]
  origin?: string
  label?: string
  /** Default: a minute ago at first; each `update()` is a second later at least. */
  date?: Date
  validUntil?: Date
  /** Default true. */
  byHash?: boolean
  /** Source packages for every package that is its own source. */
  sources?: boolean
  contents?: boolean
  translations?: boolean
  /** Of Packages and the other indexes, beside the plain file that Release lists. Default `['gz', 'xz']`. */
  compressions?: ('gz' | 'xz' | 'bz2' | 'zst')[]
  /** Keep the plain index files on disk, as no real archive does. */
  plain?: boolean
  /** Who signs; default: a key made for this archive. `unsigned` writes Release alone. */
  key?: ArchiveKey | 'unsigned'
}

export interface Archive {
  /** What a file server serves: `dists/` and `pool/`. */
  directory: string
  key: ArchiveKey | undefined
  /** The `upstream:` of a mirror of all of this archive, for switchyard.yaml. */
  upstream(url: string): Record<string, unknown>
  /** Makes the archive anew with these changes; package files that are gone from the packages are removed from the pool. */
  update(changes: Partial<ArchiveSpec>): Promise<void>
  /** Path of a package's file, below the directory. */
  pathOf(spec: Pick<PackageSpec, 'name' | 'version' | 'architecture' | 'component'>): string
}

/** A signing key in a GnuPG home of its own. */
export interface ArchiveKey {
  home: string
  fingerprint: string
  /** File with the public key, armoured. */
  keyring: string
}

/** Makes a key that never expires, or at `expire` as gpg writes it (`1d`, `20200101T000000`). */
export async function makeKey(
  home: string,
  userId = 'Archive <archive@example.org>',
  expire = 'never',
): Promise<ArchiveKey> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const gpg = (...args: string[]) =>
    run('gpg', [
      '--homedir',
      home,
      '--batch',
      '--quiet',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      '',
      ...args,
    ])
  await gpg('--quick-generate-key', userId, 'ed25519', 'sign', expire)
  const { stdout } = await gpg('--list-keys', '--with-colons')
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(stdout)![1]!
  const keyring = join(home, 'public.asc')
  await gpg('--armor', '--output', keyring, '--export', fingerprint)
  return { home, fingerprint, keyring }
}

/** A small signed archive of real packages in a directory, made with dpkg-deb, apt-ftparchive and gpg. */
export async function makeArchive(directory: string, spec: ArchiveSpec): Promise<Archive> {
  await mkdir(directory, { recursive: true })
  let current: ArchiveSpec = {
    ...spec,
    date: spec.date ?? new Date(Date.now() - 60_000),
    key: spec.key ?? (await makeKey(join(directory, '..', `${directory.split('/').at(-1)}-key`))),
  }
  await build(directory, current)
  return {
    directory,
    get key() {
      return current.key === 'unsigned' ? undefined : current.key
    },
    pathOf: wanted => poolPath(wanted, componentsOf(current)),
    upstream: url => upstreamOf(current, url),
    async update(changes) {
      const date = changes.date ?? new Date(Math.max(Date.now() - 60_000, current.date!.getTime() + 1000))
      current = { ...current, ...changes, date }
      await build(directory, current)
    },
  }
}

function upstreamOf(spec: ArchiveSpec, url: string): Record<string, unknown> {
  const suites = suitesOf(spec)
  return {
    format: 'apt',
    url,
    suites,
    ...(isFlat(suites[0]!) ? {} : { components: componentsOf(spec) }),
    architectures: architecturesOf(spec),
    ...(spec.sources ? { sources: true } : {}),
    ...(spec.key === 'unsigned' || spec.key === undefined
      ? { trusted: true }
      : { keyring: spec.key.keyring }),
  }
}

const suitesOf = (spec: ArchiveSpec) => spec.suites ?? ['stable']
const componentsOf = (spec: ArchiveSpec) => spec.components ?? ['main']
const architecturesOf = (spec: ArchiveSpec) => spec.architectures ?? ['amd64']
const isFlat = (suite: string) => suite.endsWith('/')

function poolPath(
  {
    name,
    version,
    architecture = 'all',
    component,
  }: Pick<PackageSpec, 'name' | 'version' | 'architecture' | 'component'>,
  components: string[],
): string {
  const file = `${name}_${version.replace(':', '%3a')}_${architecture}.deb`
  return `pool/${component ?? components[0]}/${name[0]}/${name}/${file}`
}

/** A package's file and its stanza. */
interface Built {
  spec: PackageSpec
  component: string
  stanza: string
}

async function build(directory: string, spec: ArchiveSpec): Promise<void> {
  const built: Built[] = []
  for (const wanted of spec.packages) built.push(await buildPackage(directory, wanted, componentsOf(spec)))
  await removeOthers(directory, new Set(spec.packages.map(wanted => poolPath(wanted, componentsOf(spec)))))
  const sources = spec.sources ? await buildSources(directory, spec) : new Map<string, string>()
  for (const suite of suitesOf(spec)) await buildSuite(directory, spec, suite, built, sources)
}

async function buildPackage(directory: string, spec: PackageSpec, components: string[]): Promise<Built> {
  const path = poolPath(spec, components)
  const file = join(directory, path)
  const fingerprint = JSON.stringify(spec)
  const work = join(directory, '..', `.${directory.split('/').at(-1)}-work`, path)
  const before = await readFile(`${work}.spec`, 'utf8').catch(() => undefined)
  if (before !== fingerprint || !(await stat(file).catch(() => undefined))) {
    await makeTree(work, spec)
    await mkdir(dirname(file), { recursive: true })
    await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '--build', work, file])
    await rm(work, { recursive: true })
    await writeFile(`${work}.spec`, fingerprint)
  }
  return { spec, component: spec.component ?? components[0]!, stanza: await stanzaOf(file, path) }
}

async function makeTree(root: string, spec: PackageSpec): Promise<void> {
  const doc = `usr/share/doc/${spec.name}`
  const files: Record<string, string | Buffer> = {
    'DEBIAN/control': controlOf(spec),
    [`${doc}/README`]: `${spec.name} ${spec.version}\n`,
    ...(spec.changelog === undefined ? {} : { [`${doc}/changelog.Debian`]: spec.changelog }),
    ...(spec.size === undefined ? {} : { [`usr/share/${spec.name}/filler`]: randomBytes(spec.size) }),
    ...spec.files,
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  if (spec.changelog !== undefined) await run('gzip', ['-9n', join(root, doc, 'changelog.Debian')])
}

function controlOf(spec: PackageSpec): string {
  const fields: Record<string, string | undefined> = {
    Package: spec.name,
    Source: spec.source,
    Version: spec.version,
    Architecture: spec.architecture ?? 'all',
    Maintainer: 'Archive <archive@example.org>',
    Section: 'misc',
    Priority: 'optional',
    Depends: spec.depends,
    Provides: spec.provides,
    ...spec.fields,
    Description: `the package ${spec.name}\n made for a test`,
  }
  return lines(fields)
}

function lines(fields: Record<string, string | undefined>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

async function stanzaOf(file: string, path: string): Promise<string> {
  const [{ stdout }, bytes] = await Promise.all([run('dpkg-deb', ['-f', file]), readFile(file)])
  const hex = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
  return `${stdout.trimEnd()}\n${lines({ Filename: path, Size: String(bytes.length), MD5sum: hex('md5'), SHA256: hex('sha256') })}`
}

async function removeOthers(directory: string, wanted: Set<string>): Promise<void> {
  for (const entry of await readdir(join(directory, 'pool'), { recursive: true }).catch(() => []))
    if (entry.endsWith('.deb') && !wanted.has(`pool/${entry}`)) await rm(join(directory, 'pool', entry))
}

/** Native source packages, by component: the text of its Sources. */
async function buildSources(directory: string, spec: ArchiveSpec): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  for (const wanted of spec.packages.filter(({ source }) => source === undefined)) {
    const place = dirname(poolPath(wanted, componentsOf(spec)))
    const version = wanted.version.replace(/^\d+:/, '')
    const dsc = join(directory, place, `${wanted.name}_${version}.dsc`)
    if (!(await stat(dsc).catch(() => undefined))) await buildSource(join(directory, place), wanted)
  }
  for (const component of componentsOf(spec)) {
    const { stdout } = await run('apt-ftparchive', ['sources', `pool/${component}`], { cwd: directory })
    texts.set(component, stdout)
  }
  return texts
}

async function buildSource(place: string, spec: PackageSpec): Promise<void> {
  const tree = join(place, `${spec.name}-source`)
  const files = {
    'debian/control': `Source: ${spec.name}\nMaintainer: Archive <archive@example.org>\n\nPackage: ${spec.name}\nArchitecture: ${spec.architecture ?? 'all'}\nDescription: made for a test\n`,
    'debian/changelog': `${spec.name} (${spec.version}) stable; urgency=low\n\n  * Made.\n\n -- Archive <archive@example.org>  Mon, 02 Jan 2023 00:00:00 +0000\n`,
    'debian/source/format': '3.0 (native)\n',
    'debian/rules': '#!/usr/bin/make -f\n',
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), text)
  }
  await run('dpkg-source', ['-Zgzip', '--build', tree], { cwd: place })
  await rm(tree, { recursive: true })
}

async function buildSuite(
  directory: string,
  spec: ArchiveSpec,
  suite: string,
  built: Built[],
  sources: Map<string, string>,
): Promise<void> {
  const flat = isFlat(suite)
  const root = flat ? join(directory, suite) : join(directory, 'dists', suite)
  if (flat) await removeIndexes(root)
  else await rm(root, { recursive: true, force: true })
  const mine = built.filter(({ spec: { suites } }) => suites === undefined || suites.includes(suite))
  for (const [path, text] of indexTexts(spec, flat, mine, sources))
    await writeIndex(join(root, path), text, spec)
  await writeRelease(root, spec, suite)
}

async function removeIndexes(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => []))
    if (/^(?:In)?Release|^(?:Packages|Sources)(?:\.|$)|^by-hash$/.test(name))
      await rm(join(root, name), { recursive: true })
}

/** Every index of a suite: its path without compression, and its text. */
function indexTexts(
  spec: ArchiveSpec,
  flat: boolean,
  built: Built[],
  sources: Map<string, string>,
): Map<string, string> {
  const texts = new Map<string, string>()
  const join = (stanzas: Built[]) => stanzas.map(({ stanza }) => `${stanza}\n`).join('')
  if (flat) {
    texts.set('Packages', join(built))
    if (spec.sources) texts.set('Sources', [...sources.values()].join(''))
    return texts
  }
  for (const component of componentsOf(spec)) {
    const mine = built.filter(one => one.component === component)
    for (const architecture of architecturesOf(spec)) {
      const fitting = mine.filter(one => [architecture, 'all'].includes(one.spec.architecture ?? 'all'))
      texts.set(`${component}/binary-${architecture}/Packages`, join(fitting))
      if (spec.contents) texts.set(`${component}/Contents-${architecture}`, contentsText(fitting))
    }
    if (spec.translations) texts.set(`${component}/i18n/Translation-en`, translationText(mine))
    if (spec.sources) texts.set(`${component}/source/Sources`, sources.get(component) ?? '')
  }
  return texts
}

function contentsText(built: Built[]): string {
  return built
    .map(({ spec: { name } }) => `${`usr/share/doc/${name}/README`.padEnd(60)}misc/${name}\n`)
    .sort()
    .join('')
}

function translationText(built: Built[]): string {
  return built
    .map(({ spec: { name } }) => {
      const description = `the package ${name}\n made for a test\n`
      const md5 = createHash('md5').update(description).digest('hex')
      return `Package: ${name}\nDescription-md5: ${md5}\nDescription-en: ${description}\n`
    })
    .join('')
}

const compressors = {
  gz: ['gzip', '-9nk'],
  xz: ['xz', '-k'],
  bz2: ['bzip2', '-k'],
  zst: ['zstd', '-q'],
} as const

async function writeIndex(file: string, text: string, spec: ArchiveSpec): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  for (const kind of spec.compressions ?? ['gz', 'xz']) {
    const [program, ...options] = compressors[kind]
    await run(program, [...options, '--', file])
  }
}

async function writeRelease(root: string, spec: ArchiveSpec, suite: string): Promise<void> {
  const name = isFlat(suite) ? 'flat' : suite
  const fields: Record<string, string | undefined> = {
    Origin: spec.origin ?? 'Example',
    Label: spec.label ?? 'Example',
    Suite: name,
    Codename: name,
    Date: spec.date!.toUTCString(),
    'Valid-Until': spec.validUntil?.toUTCString(),
    Architectures: [...architecturesOf(spec), 'all'].join(' '),
    Components: isFlat(suite) ? undefined : componentsOf(spec).join(' '),
    'Acquire-By-Hash': (spec.byHash ?? true) ? 'yes' : 'no',
  }
  await rm(join(root, 'Release'), { force: true })
  const { stdout } = await run('apt-ftparchive', ['release', '.'], { cwd: root, maxBuffer: 1 << 26 })
  const hashes = stdout.slice(stdout.search(/^MD5Sum:/m)).replace(/^ .*\.(?:deb|dsc|tar\.gz)\n/gm, '')
  await writeFile(join(root, 'Release'), lines(fields) + hashes)
  await writeByHash(root, spec)
  await sign(root, spec.key)
}

async function writeByHash(root: string, spec: ArchiveSpec): Promise<void> {
  for (const path of await readdir(root, { recursive: true })) {
    const name = path.split('/').at(-1)!
    if (!/^(?:Packages|Sources|Contents-|Translation-)/.test(name) || path.includes('by-hash')) continue
    if (spec.byHash ?? true)
      for (const [directory, algorithm] of [
        ['SHA256', 'sha256'],
        ['SHA512', 'sha512'],
      ] as const) {
        const digest = createHash(algorithm)
          .update(await readFile(join(root, path)))
          .digest('hex')
        await cp(join(root, path), join(root, dirname(path), 'by-hash', directory, digest))
      }
    if (!name.includes('.') && !spec.plain && (spec.compressions ?? ['gz']).length > 0)
      await rm(join(root, path))
  }
}

async function sign(root: string, key: ArchiveSpec['key']): Promise<void> {
  for (const name of ['InRelease', 'Release.gpg']) await rm(join(root, name), { force: true })
  if (key === undefined || key === 'unsigned') return
  const gpg = (...args: string[]) =>
    run('gpg', ['--homedir', key.home, '--batch', '--quiet', '--yes', '--digest-algo', 'SHA512', ...args], {
      cwd: root,
    })
  await gpg('--armor', '--output', 'Release.gpg', '--detach-sign', 'Release')
  await gpg('--output', 'InRelease', '--clear-sign', 'Release')
}
