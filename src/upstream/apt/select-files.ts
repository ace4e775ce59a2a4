import type { AptUpstream } from '../../config/index.ts'
import type { Release, ReleaseFile } from '../../formats/index.ts'
import { type ByteString, type Digest, YardError } from '../../model/index.ts'

/** What an index file of a suite is to us: `packages` and `sources` are read, `patches` need their patches, the rest is carried. */
export type IndexKind = 'packages' | 'sources' | 'patches' | 'other'

/** One file that a suite's Release names and that we want. */
export interface IndexFile {
  /** Within the files tree: `dists/bookworm/main/binary-amd64/Packages.gz`. */
  path: ByteString
  sha256: Digest
  sha512: string | undefined
  size: number
  kind: IndexKind
  /** The path without its compression: files with one stem are variants of one index. */
  stem: ByteString
  component: ByteString
  /** The architecture of a `packages` index; empty for others. */
  architecture: ByteString
}

/** Of an upstream's configuration, what decides which files are wanted. */
type Wanted = Pick<AptUpstream, 'components' | 'architectures' | 'sources' | 'installer'>

/** Endings by which one index is offered in several compressions. */
const variantEnding = /\.(gz|xz|bz2|zst|lzma)$/

/**
 * The files of a suite that the wanted components and architectures need, sorted by path: everything that Release
 * names except what belongs to another component, another architecture, to sources or to the installer when those
 * were not asked for. Unknown kinds of files are kept.
 * @throws YardError `configuration` when a wanted component or architecture is not in the suite; `untrusted` when a
 *   wanted file is listed without a SHA-256.
 */
export function selectIndexFiles(
  release: Release,
  directory: ByteString,
  suite: ByteString,
  upstream: Wanted,
): IndexFile[] {
  const wanted = createFilter(release, upstream)
  const files = release.files
    .filter(file => wanted(file.path))
    .map(file => toIndexFile(file, directory, suite, upstream))
  checkPresence(files, release, suite, upstream)
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** True for a suite that names a directory instead of a distribution (sources.list(5): it ends in a slash). */
export function isFlat(suite: ByteString): boolean {
  return suite.endsWith('/')
}

/** Where a suite's Release lies below the base URL, and in the files tree. */
export function directoryOf(suite: ByteString): ByteString {
  return isFlat(suite) ? suite.replace(/^(\.\/)+/, '').replace(/\/+$/, '') : `dists/${suite}`
}

export function joinPath(directory: ByteString, path: ByteString): ByteString {
  return directory === '' ? path : `${directory}/${path}`
}

function createFilter(release: Release, upstream: Wanted): (path: ByteString) => boolean {
  const components = new Set(upstream.components)
  const otherComponents = new Set(
    release.components
      .flatMap(name => [name, name.slice(name.lastIndexOf('/') + 1)])
      .filter(name => !components.has(name)),
  )
  const architectures = new Set([...upstream.architectures, 'all'])
  const known = new Set([...release.architectures, ...upstream.architectures, 'all'])
  return path => {
    if (/(^|\/)(InRelease|Release\.gpg)$/.test(path) || path === 'Release') return false
    if (liesBelow(path, otherComponents)) return false
    if (!upstream.installer && /(^|\/)(debian-installer\/|installer-|Contents-udeb-)/.test(path)) return false
    if (!upstream.sources && /(^|\/)(source\/|Sources(\.|$)|[^/]*-source(\.|$))/.test(path)) return false
    const architecture = architectureIn(path, known)
    return architecture === undefined || architectures.has(architecture)
  }
}

/** A Release may name a million directories and files: one look-up a slash, not one comparison a name. */
function liesBelow(path: ByteString, directories: ReadonlySet<ByteString>): boolean {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1))
    if (directories.has(path.slice(0, slash))) return true
  return false
}

/** The architecture that a segment of the path ends in (`binary-amd64`, `Contents-amd64.gz`), if it names one: the longest. */
function architectureIn(path: ByteString, known: ReadonlySet<ByteString>): ByteString | undefined {
  for (const segment of path.split('/')) {
    const dot = segment.indexOf('.')
    const stem = dot < 0 ? segment : segment.slice(0, dot)
    for (let dash = stem.indexOf('-'); dash >= 0; dash = stem.indexOf('-', dash + 1))
      if (known.has(stem.slice(dash + 1))) return stem.slice(dash + 1)
  }
  return undefined
}

function toIndexFile(
  file: ReleaseFile,
  directory: ByteString,
  suite: ByteString,
  upstream: Wanted,
): IndexFile {
  if (file.sha256 === undefined)
    throw new YardError(
      'untrusted',
      `${suite}: its Release lists ${file.path} without a SHA-256; MD5 and SHA-1 do not count, nothing was read`,
      {
        hint: 'ask the upstream to publish SHA-256 digests',
      },
    )
  const stem = file.path.replace(variantEnding, '')
  const packages = isFlat(suite)
    ? /^Packages$/.exec(stem)
    : /^(?:(.+)\/)?binary-([^/]+)\/Packages$/.exec(stem)
  const sources = isFlat(suite) ? /^Sources$/.exec(stem) : /^(?:(.+)\/)?source\/Sources$/.exec(stem)
  const component = packages?.[1] ?? upstream.components.find(name => file.path.startsWith(`${name}/`)) ?? ''
  return {
    path: joinPath(directory, file.path),
    sha256: file.sha256,
    sha512: file.sha512,
    size: file.size,
    kind:
      packages !== null
        ? 'packages'
        : sources !== null
          ? 'sources'
          : /\.diff\/Index$/.test(file.path)
            ? 'patches'
            : 'other',
    stem: joinPath(directory, stem),
    component,
    architecture: packages?.[2] ?? '',
  }
}

function checkPresence(files: IndexFile[], release: Release, suite: ByteString, upstream: Wanted): void {
  if (isFlat(suite)) {
    if (!files.some(file => file.kind === 'packages'))
      throw new YardError('configuration', `${suite}: its Release names no Packages file; nothing was read`)
    return
  }
  for (const component of upstream.components) {
    if (!release.files.some(file => file.path.startsWith(`${component}/`)))
      throw new YardError('configuration', `${suite}: there is no component ${component}; nothing was read`, {
        hint: `the suite has: ${release.components.join(', ')}`,
      })
    for (const architecture of upstream.architectures)
      if (
        !files.some(
          file =>
            file.kind === 'packages' && file.component === component && file.architecture === architecture,
        )
      )
        throw new YardError(
          'configuration',
          `${suite}: component ${component} has no packages for architecture ${architecture}; nothing was read`,
          {
            hint: `the suite has: ${release.architectures.join(', ')}`,
          },
        )
  }
}
