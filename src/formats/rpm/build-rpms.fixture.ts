import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** One binary package of a test. Texts are byte strings. */
export interface RpmRecipe {
  name: string
  /** Default 1.0, 1, no epoch, noarch. */
  version?: string
  release?: string
  epoch?: number
  arch?: 'noarch' | 'native'
  summary?: string
  description?: string
  /** Further lines of the preamble: `Requires: foo >= 1`. */
  preamble?: string[]
  /** Files by absolute path. */
  files?: { [path: string]: string | Buffer }
  /** Lines of %files, where more is to be said than the paths above. */
  fileList?: string[]
  /** Sections by their head, without the package's name: `{ '%post -p /bin/sh': 'echo' }`. */
  sections?: { [head: string]: string }
}

export interface RpmOptions {
  /** The name of the source package; default `source`. */
  source?: string
  /** The compression of the payload as rpmbuild writes it; default `w6.gzdio`. */
  payload?: string
  /** Body of %changelog, which all packages share. */
  changelog?: string
  /** Lines at the head of the spec file, for every package and the source package. */
  head?: string[]
  /** May make links and devices in the root from which files are packed. */
  prepare?: (root: string) => void
  /** Sources of the source package, by name. */
  sources?: { [name: string]: string }
  /** Builds the source package as well: `source.src.rpm`, or `.nosrc.rpm`. */
  withSource?: boolean
}

const built = new Map<string, Map<string, Buffer>>()

/**
 * Packages as the real rpmbuild makes them, by file name. All come out of one run (0.2 s and a little more for each), and the
 * same wish is built once a process.
 */
export function buildRpms(recipes: RpmRecipe[], options: RpmOptions = {}): Map<string, Buffer> {
  const key = JSON.stringify([recipes, options, options.prepare?.toString()])
  const known = built.get(key) ?? runRpmbuild(recipes, options)
  built.set(key, known)
  return known
}

/** The one package of a recipe. */
export function buildRpm(recipe: RpmRecipe, options: RpmOptions = {}): Buffer {
  return buildRpms([recipe], options).values().next().value!
}

function runRpmbuild(recipes: RpmRecipe[], options: RpmOptions): Map<string, Buffer> {
  const top = mkdtempSync(join(tmpdir(), 'switchyard-rpm-'))
  try {
    const root = join(top, 'root')
    mkdirSync(root)
    for (const { files = {} } of recipes) writeFiles(root, files)
    options.prepare?.(root)
    for (const [name, content] of Object.entries(options.sources ?? {}))
      writeFiles(join(top, 'SOURCES'), { [`/${name}`]: content })
    const spec = join(top, 'test.spec')
    writeFileSync(spec, Buffer.from(specOf(recipes, options, root), 'latin1'))
    const defines = [
      `_topdir ${top}`,
      `_binary_payload ${options.payload ?? 'w6.gzdio'}`,
      `_source_payload ${options.payload ?? 'w6.gzdio'}`,
      '_build_id_links none',
      'debug_package %{nil}',
      '__os_install_post %{nil}',
      '_unpackaged_files_terminate_build 0',
      '_invalid_encoding_terminates_build 0',
      '_buildhost build.example.org',
    ]
    const wanted = options.withSource === true ? '-ba' : '-bb'
    execFileSync('rpmbuild', [wanted, '--nodeps', ...defines.flatMap(define => ['--define', define]), spec], {
      stdio: 'pipe',
      env: { ...process.env, HOME: top, LC_ALL: 'C.UTF-8' },
    })
    return packagesBelow(top)
  } finally {
    rmSync(top, { recursive: true })
  }
}

function writeFiles(root: string, files: { [path: string]: string | Buffer }): void {
  for (const [path, content] of Object.entries(files)) {
    const target = Buffer.from(root + path, 'latin1')
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(target, content)
  }
}

function packagesBelow(top: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (const folder of ['RPMS', 'SRPMS'])
    for (const entry of readdirSync(join(top, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) found.set(entry.name, readFileSync(join(entry.parentPath, entry.name)))
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function specOf(recipes: RpmRecipe[], options: RpmOptions, root: string): string {
  return [
    `Name: ${options.source ?? 'source'}`,
    'Version: 1.0',
    'Release: 1',
    'Summary: packages for tests',
    'License: Apache-2.0',
    ...Object.keys(options.sources ?? {}).map((name, i) => `Source${i}: ${name}`),
    ...(options.head ?? []),
    '%description',
    'Packages for tests.',
    ...recipes.flatMap(packageLines),
    '%install',
    'mkdir -p %{buildroot}',
    `cp -a ${root}/. %{buildroot}/`,
    ...recipes.flatMap(sectionLines),
    ...(options.changelog === undefined ? [] : ['%changelog', options.changelog]),
    '',
  ].join('\n')
}

function packageLines(recipe: RpmRecipe): string[] {
  const { name, version, release, epoch, arch = 'noarch' } = recipe
  return [
    `%package -n ${name}`,
    `Summary: ${recipe.summary ?? `package ${name}`}`,
    ...(version === undefined ? [] : [`Version: ${version}`]),
    ...(release === undefined ? [] : [`Release: ${release}`]),
    ...(epoch === undefined ? [] : [`Epoch: ${epoch}`]),
    ...(arch === 'noarch' ? ['BuildArch: noarch'] : []),
    'AutoReqProv: no',
    ...(recipe.preamble ?? []),
    `%description -n ${name}`,
    recipe.description ?? 'A package for tests.',
  ]
}

function sectionLines({ name, files = {}, fileList, sections = {} }: RpmRecipe): string[] {
  const heads = Object.entries(sections).flatMap(([head, body]) => {
    const [section, ...rest] = head.split(' ')
    return [[section, '-n', name, ...rest].join(' '), body]
  })
  return [...heads, `%files -n ${name}`, ...(fileList ?? Object.keys(files))]
}
