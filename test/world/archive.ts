import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildPackage, hash, type PackageSpec } from './package.ts'
import type { KeyState, Signing } from './signing.ts'

export type Compression = 'none' | 'gz' | 'xz'

/** A source package of a test archive: a .dsc and one tarball. */
export interface SourceSpec {
  name: string
  version: string
}

/** One suite of a test archive; everything but its name has a default. */
export interface SuiteSpec {
  /** A distribution such as `stable`, or the directory of a flat repository: `./`, `flat/`. */
  name: string
  /** By component; a flat repository has the one component ''. Default: `main`, empty. */
  packages?: { [component: string]: PackageSpec[] }
  /** By component; Sources indexes are written when this is given. */
  sources?: { [component: string]: SourceSpec[] }
  /** Default: amd64. `all` among them gives `binary-all` its own index. */
  architectures?: string[]
  /** Compressions that Release names. Default: none, gz, xz. */
  compressions?: Compression[]
  /** Those of them that the server has. Default: all but `none`. */
  served?: Compression[]
  /** Contents, Translation, dep11, cnf and a component's own Release. Default: false. */
  extras?: boolean
  /** A patch index with one patch for every Packages. Default: false. */
  patches?: boolean
  /** Default: true. */
  byHash?: boolean
  /** Digests that Release gives. Default: MD5Sum, SHA256. */
  digests?: ('MD5Sum' | 'SHA1' | 'SHA256' | 'SHA512')[]
  /** Milliseconds since the epoch. Default: a day ago, an hour later with every update. */
  date?: number
  validUntil?: number
  /** Further fields of Release, or others instead of Origin, Label, Suite, Codename. */
  fields?: { [field: string]: string }
  /** Default: good. */
  key?: KeyState
  /** Which signed documents there are. Default: both. */
  documents?: ('InRelease' | 'Release' | 'Release.gpg')[]
}

/** An APT archive in memory, its files exactly as a server hands them out. */
export interface Archive {
  suites: SuiteSpec[]
  /** By path; the paths are bytes as in the archive, not encoded for a URL. */
  files: Map<string, Buffer>
  /** When each file last changed, in milliseconds. */
  modified: Map<string, number>
  /** Changes the suites and publishes again. */
  update(change: (suites: SuiteSpec[]) => void): void
  /** The paths that a suite's Release names and that exist, Release files and by-hash names included. */
  pathsOf(suite: string): string[]
  /** Writes the whole archive into a directory. */
  writeTo(directory: string): void
}

const hour = 3_600_000

/** Makes a signed archive. Old files stay when it is updated, as pools keep them for a while; only indexes are replaced. */
export function createArchive(signing: Signing, suites: SuiteSpec[]): Archive {
  const files = new Map<string, Buffer>()
  const modified = new Map<string, number>()
  const listed = new Map<string, string[]>()
  let clock = Math.floor((Date.now() - 24 * hour) / 1000) * 1000
  const publish = () => {
    for (const suite of archive.suites) {
      const made = suiteFiles(signing, suite, suite.date ?? clock)
      listed.set(suite.name, [...made.metadata.keys()])
      for (const path of made.absent) files.delete(path)
      for (const [path, bytes] of [...made.pool, ...made.metadata]) {
        if (files.get(path)?.equals(bytes)) continue
        files.set(path, bytes)
        modified.set(path, clock)
      }
    }
    clock += hour
  }
  const archive: Archive = {
    suites,
    files,
    modified,
    update(change) {
      change(archive.suites)
      publish()
    },
    pathsOf: suite => listed.get(suite)!,
    writeTo(directory) {
      for (const [path, bytes] of files) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), bytes)
      }
    },
  }
  publish()
  return archive
}

interface SuiteFiles {
  pool: Map<string, Buffer>
  metadata: Map<string, Buffer>
  /** What an earlier publication may have left and this one has not. */
  absent: string[]
}

function suiteFiles(signing: Signing, suite: SuiteSpec, date: number): SuiteFiles {
  const isFlat = suite.name.endsWith('/')
  const directory = isFlat ? suite.name.replace(/^\.\//, '') : `dists/${suite.name}/`
  const pool = new Map<string, Buffer>()
  const indexes = isFlat ? flatIndexes(suite, directory, pool) : suiteIndexes(suite, pool)
  const metadata = new Map<string, Buffer>()
  const listed: [string, Buffer][] = []
  for (const { path, bytes, listedOnly, unlisted } of indexes) {
    if (!unlisted) listed.push([path, bytes])
    if (listedOnly) continue
    metadata.set(`${directory}${path}`, bytes)
    if ((suite.byHash ?? true) && !unlisted) {
      const slash = path.lastIndexOf('/') + 1
      metadata.set(`${directory}${path.slice(0, slash)}by-hash/SHA256/${hash('sha256', bytes)}`, bytes)
    }
  }
  const release = Buffer.from(releaseText(suite, isFlat, listed, date))
  const wanted = suite.documents ?? ['InRelease', 'Release', 'Release.gpg']
  const key = suite.key ?? 'good'
  for (const name of wanted)
    metadata.set(
      `${directory}${name}`,
      name === 'Release'
        ? release
        : name === 'InRelease'
          ? signing.inline(release, key)
          : signing.detached(release, key),
    )
  const absent = ['InRelease', 'Release', 'Release.gpg'].filter(name => !wanted.includes(name as 'Release'))
  return { pool, metadata, absent: absent.map(name => `${directory}${name}`) }
}

interface Index {
  path: string
  bytes: Buffer
  /** Release names it, but the server has it not. */
  listedOnly?: boolean
  /** The server has it, but Release names it not. */
  unlisted?: boolean
}

function suiteIndexes(suite: SuiteSpec, pool: Map<string, Buffer>): Index[] {
  const architectures = suite.architectures ?? ['amd64']
  const packages = suite.packages ?? { main: [] }
  return Object.entries(packages).flatMap(([component, specs]) => {
    const built = specs.map(spec => buildPackage(spec, component))
    for (const { path, bytes } of built) pool.set(path, bytes)
    const binary = architectures.flatMap(architecture => {
      const own = built.filter(({ spec }) => {
        const itsOwn = spec.architecture ?? 'amd64'
        return itsOwn === architecture || (itsOwn === 'all' && !architectures.includes('all'))
      })
      const text = own.map(({ stanza }) => `${stanza}\n\n`).join('')
      const stem = `${component}/binary-${architecture}/Packages`
      return [
        ...variants(suite, stem, Buffer.from(text)),
        ...(suite.patches ? patchIndex(stem, text) : []),
        ...(suite.extras
          ? extrasOf(
              component,
              architecture,
              built.map(({ spec }) => spec.name),
            )
          : []),
      ]
    })
    const sources = suite.sources?.[component]
    return [
      ...binary,
      ...(suite.extras ? translations(component) : []),
      ...(sources === undefined
        ? []
        : variants(suite, `${component}/source/Sources`, sourcesText(sources, component, pool))),
    ]
  })
}

function flatIndexes(suite: SuiteSpec, directory: string, pool: Map<string, Buffer>): Index[] {
  const built = (suite.packages?.[''] ?? []).map(spec =>
    buildPackage(
      {
        path: `${directory}${spec.name}_${spec.version ?? '1.0-1'}_${spec.architecture ?? 'amd64'}.deb`,
        ...spec,
      },
      '',
    ),
  )
  for (const { path, bytes } of built) pool.set(path, bytes)
  // Flat directories are indexed as `./name.deb` by the usual tools.
  const text = built.map(({ stanza }) => `${stanza.replace('Filename: ', 'Filename: ./')}\n\n`).join('')
  return variants(suite, 'Packages', Buffer.from(text))
}

function variants(suite: SuiteSpec, stem: string, plain: Buffer): Index[] {
  const listed = suite.compressions ?? ['none', 'gz', 'xz']
  const served = suite.served ?? listed.filter(compression => compression !== 'none')
  return listed.map(compression => ({
    path: compression === 'none' ? stem : `${stem}.${compression}`,
    bytes: compress(plain, compression),
    listedOnly: !served.includes(compression),
  }))
}

export function compress(bytes: Buffer, compression: Compression): Buffer {
  if (compression === 'none') return bytes
  if (compression === 'gz') return gzipSync(bytes)
  return execFileSync('xz', ['-1', '--stdout'], { input: bytes, maxBuffer: 1 << 28 })
}

function extrasOf(component: string, architecture: string, names: string[]): Index[] {
  const contents = Buffer.from(names.map(name => `usr/share/switchyard-test/${name} misc/${name}\n`).join(''))
  return [
    { path: `${component}/Contents-${architecture}`, bytes: contents, listedOnly: true },
    { path: `${component}/Contents-${architecture}.gz`, bytes: gzipSync(contents) },
    {
      path: `${component}/binary-${architecture}/Release`,
      bytes: Buffer.from(`Component: ${component}\nArchitecture: ${architecture}\n`),
    },
    {
      path: `${component}/dep11/Components-${architecture}.yml.gz`,
      bytes: gzipSync(`---\nFile: DEP-11\nComponent: ${component}\nArchitecture: ${architecture}\n`),
    },
    { path: `${component}/dep11/icons-48x48.tar.gz`, bytes: gzipSync(Buffer.alloc(1024)) },
    {
      path: `${component}/cnf/Commands-${architecture}.xz`,
      bytes: compress(Buffer.from(`suite: x\ncomponent: ${component}\n`), 'xz'),
    },
  ]
}

function translations(component: string): Index[] {
  const text = Buffer.from(`Package: anything\nDescription-md5: ${'0'.repeat(32)}\nDescription-en: text\n\n`)
  return [
    { path: `${component}/i18n/Translation-en`, bytes: text, listedOnly: true },
    { path: `${component}/i18n/Translation-en.xz`, bytes: compress(text, 'xz') },
    { path: `${component}/i18n/Translation-de.xz`, bytes: compress(Buffer.concat([text, text]), 'xz') },
  ]
}

/** One patch, from a state that nobody has: what matters is that it comes with its index or that neither does. */
function patchIndex(stem: string, text: string): Index[] {
  const patch = Buffer.from('1c\nPackage: other\n.\n')
  const packed = gzipSync(patch)
  const name = 'T-2026-11-20-0000.00-F-2026-11-19-0000.00'
  const line = (digest: string, size: number, file: string) => ` ${digest} ${size} ${file}`
  const index = [
    `SHA256-Current: ${hash('sha256', Buffer.from(text))} ${text.length}`,
    'SHA256-History:',
    line(hash('sha256', Buffer.from('before')), 6, name),
    'SHA256-Patches:',
    line(hash('sha256', patch), patch.length, name),
    'SHA256-Download:',
    line(hash('sha256', packed), packed.length, `${name}.gz`),
    '',
  ].join('\n')
  return [
    { path: `${stem}.diff/Index`, bytes: Buffer.from(index) },
    { path: `${stem}.diff/${name}.gz`, bytes: packed, unlisted: true },
  ]
}

function sourcesText(sources: SourceSpec[], component: string, pool: Map<string, Buffer>): Buffer {
  const stanzas = sources.map(({ name, version }) => {
    const directory = `pool/${component}/${name[0]}/${name}`
    const files: [string, Buffer][] = [
      [`${name}_${version}.dsc`, Buffer.from(`Format: 3.0 (native)\nSource: ${name}\nVersion: ${version}\n`)],
      [`${name}_${version}.tar.gz`, gzipSync(`source of ${name} ${version}`)],
    ]
    for (const [file, bytes] of files) pool.set(`${directory}/${file}`, bytes)
    const lines = (algorithm: string) =>
      files.map(([file, bytes]) => ` ${hash(algorithm, bytes)} ${bytes.length} ${file}\n`).join('')
    return `Package: ${name}\nFormat: 3.0 (native)\nBinary: ${name}\nVersion: ${version}\nDirectory: ${directory}\nFiles:\n${lines('md5')}Checksums-Sha256:\n${lines('sha256')}\n`
  })
  return Buffer.from(stanzas.join(''))
}

const algorithms = { MD5Sum: 'md5', SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const

function releaseText(suite: SuiteSpec, isFlat: boolean, files: [string, Buffer][], date: number): string {
  const name = isFlat ? 'flat' : suite.name
  const fields: { [field: string]: string } = {
    Origin: 'Example',
    Label: 'Example',
    ...(isFlat
      ? {}
      : { Suite: name, Codename: name, Components: Object.keys(suite.packages ?? { main: [] }).join(' ') }),
    Architectures: (suite.architectures ?? ['amd64']).join(' '),
    Date: new Date(date).toUTCString().replace('GMT', 'UTC'),
    ...(suite.validUntil === undefined
      ? {}
      : { 'Valid-Until': new Date(suite.validUntil).toUTCString().replace('GMT', 'UTC') }),
    ...((suite.byHash ?? true) ? { 'Acquire-By-Hash': 'yes' } : {}),
    ...suite.fields,
  }
  const head = Object.entries(fields).map(([field, value]) => `${field}: ${value}\n`)
  const unique = [...new Map(files)]
  const digests = (suite.digests ?? ['MD5Sum', 'SHA256']).map(
    field =>
      `${field}:\n${unique.map(([path, bytes]) => ` ${hash(algorithms[field], bytes)} ${String(bytes.length).padStart(8)} ${path}\n`).join('')}`,
  )
  return [...head, ...digests].join('')
}
