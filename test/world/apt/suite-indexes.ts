import { gzipSync } from 'node:zlib'
import { hash } from '../hash.ts'
import { compress } from './compress.ts'
import { buildPackage } from './deb-package.ts'
import type { SourceSpec, SuiteSpec } from './suite-spec.ts'

/** One file beside a suite's Release. */
export interface Index {
  path: string
  bytes: Buffer
  /** Release names it, but the server has it not. */
  listedOnly?: boolean
  /** The server has it, but Release names it not. */
  unlisted?: boolean
}

/** The indexes of a distribution's suite; its packages go into the pool. */
export function suiteIndexes(suite: SuiteSpec, pool: Map<string, Buffer>): Index[] {
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

/** The indexes of a flat repository, whose packages lie beside them. */
export function flatIndexes(suite: SuiteSpec, directory: string, pool: Map<string, Buffer>): Index[] {
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
