import type { ByteString } from '../../model/index.ts'
import type { Header } from './header.ts'
import { dependenciesOf, type HeaderDependency, headerFault, needed, sameLength } from './header-lists.ts'
import type { RpmFile } from './package-file.ts'
import { type RpmScriptlet, type RpmTrigger, scriptletsOf, triggersOf } from './scripts.ts'
import { signatureTags, type Tag, tags } from './tags.ts'

export interface RpmPackageFile {
  path: ByteString
  /** A `ghost` belongs to the package and is not in it; `file` is everything else that is no directory. */
  type: 'file' | 'dir' | 'ghost'
  /** rpm's flags for it (rpmfileAttrs): configuration, documentation, licence and more. */
  flags: number
}

export interface RpmChangelog {
  /** Seconds since 1970. */
  time: number
  author: ByteString
  text: ByteString
}

/** What a package says of itself. Texts are byte strings, untranslated, undefined where the header has none. */
export interface RpmPackage {
  name: ByteString
  epoch: number | undefined
  version: ByteString
  release: ByteString
  /** `src` for every source package, whatever it is for; repositories list it so. */
  arch: ByteString
  /** A source package that lacks some of its sources or patches: its file is named `.nosrc.rpm`. */
  lacksSources: boolean
  summary: ByteString | undefined
  description: ByteString | undefined
  packager: ByteString | undefined
  url: ByteString | undefined
  license: ByteString | undefined
  vendor: ByteString | undefined
  group: ByteString | undefined
  buildHost: ByteString | undefined
  /** The file name of the source package that it was built from; source packages have none. */
  sourceRpm: ByteString | undefined
  /** Seconds since 1970, 0 where the header does not say. */
  buildTime: number
  /** Bytes that its files take, and bytes of its payload uncompressed; 0 where nothing says. */
  installedSize: number
  archiveSize: number
  /** `name:stream:version:context` of the module that it was built in. */
  modularityLabel: ByteString | undefined
  provides: HeaderDependency[]
  requires: HeaderDependency[]
  conflicts: HeaderDependency[]
  obsoletes: HeaderDependency[]
  recommends: HeaderDependency[]
  suggests: HeaderDependency[]
  supplements: HeaderDependency[]
  enhances: HeaderDependency[]
  files: RpmPackageFile[]
  scriptlets: RpmScriptlet[]
  triggers: RpmTrigger[]
  /** Newest first, as the header has them. */
  changelogs: RpmChangelog[]
}

const isStrong = 1 << 27
const isGhost = 1 << 6
const typeMask = 0o170000
const directory = 0o040000

/**
 * What the headers of a package say, with the corrections that rpm makes for old packages (applyRetrofits) and weak
 * dependencies from before rpm 4.12 in their modern places. `object` names the package in messages.
 * @throws YardError `invalid` for a package without name, version, release or architecture, for lists whose lengths
 *   differ, and for data that are not what they should be.
 */
export function packageOf({ header, signature }: RpmFile, object: string): RpmPackage {
  const isSource = isSourcePackage(header)
  const text = (tag: Tag<'string'>) => header.get(tag)
  const list = (name: Tag<'strings'>, flags: Tag<'numbers'>, version: Tag<'strings'>) =>
    dependenciesOf(header, name, flags, version, object)
  const oldSuggests = list(tags.OLDSUGGESTSNAME, tags.OLDSUGGESTSFLAGS, tags.OLDSUGGESTSVERSION)
  const oldEnhances = list(tags.OLDENHANCESNAME, tags.OLDENHANCESFLAGS, tags.OLDENHANCESVERSION)
  const strong = ({ sense }: HeaderDependency) => (sense & isStrong) !== 0
  const weak = (dependency: HeaderDependency) => !strong(dependency)
  return {
    name: needed(header, tags.NAME, object),
    epoch: header.get(tags.EPOCH),
    version: needed(header, tags.VERSION, object),
    release: needed(header, tags.RELEASE, object),
    arch: isSource ? 'src' : needed(header, tags.ARCH, object),
    lacksSources: isSource && (header.has(tags.NOSOURCE) || header.has(tags.NOPATCH)),
    summary: text(tags.SUMMARY),
    description: text(tags.DESCRIPTION),
    packager: text(tags.PACKAGER),
    url: text(tags.URL),
    license: text(tags.LICENSE),
    vendor: text(tags.VENDOR),
    group: text(tags.GROUP),
    buildHost: text(tags.BUILDHOST),
    sourceRpm: text(tags.SOURCERPM) ?? (isSource ? undefined : '(none)'),
    buildTime: header.get(tags.BUILDTIME) ?? 0,
    installedSize: header.get(tags.LONGSIZE) ?? header.get(tags.SIZE) ?? 0,
    archiveSize: archiveSizeOf(header, signature),
    modularityLabel: text(tags.MODULARITYLABEL),
    provides: list(tags.PROVIDENAME, tags.PROVIDEFLAGS, tags.PROVIDEVERSION),
    requires: list(tags.REQUIRENAME, tags.REQUIREFLAGS, tags.REQUIREVERSION),
    conflicts: list(tags.CONFLICTNAME, tags.CONFLICTFLAGS, tags.CONFLICTVERSION),
    obsoletes: list(tags.OBSOLETENAME, tags.OBSOLETEFLAGS, tags.OBSOLETEVERSION),
    recommends: [
      ...list(tags.RECOMMENDNAME, tags.RECOMMENDFLAGS, tags.RECOMMENDVERSION),
      ...oldSuggests.filter(strong),
    ],
    suggests: [
      ...list(tags.SUGGESTNAME, tags.SUGGESTFLAGS, tags.SUGGESTVERSION),
      ...oldSuggests.filter(weak),
    ],
    supplements: [
      ...list(tags.SUPPLEMENTNAME, tags.SUPPLEMENTFLAGS, tags.SUPPLEMENTVERSION),
      ...oldEnhances.filter(strong),
    ],
    enhances: [
      ...list(tags.ENHANCENAME, tags.ENHANCEFLAGS, tags.ENHANCEVERSION),
      ...oldEnhances.filter(weak),
    ],
    files: filesOf(header, object),
    scriptlets: scriptletsOf(header),
    triggers: triggersOf(header, object),
    changelogs: changelogsOf(header, object),
  }
}

/** Packages from before rpm 4.8 that do not say are source packages when their files stand in one nameless directory. */
function isSourcePackage(header: Header): boolean {
  if (header.has(tags.SOURCEPACKAGE)) return header.get(tags.SOURCEPACKAGE) !== 0
  if (header.has(tags.SOURCERPM)) return false
  const directories = header.get(tags.DIRNAMES) ?? []
  return directories.length === 1 && directories[0] === ''
}

/** Usually only the signature header says it; rpm merges the two headers. */
function archiveSizeOf(header: Header, signature: Header): number {
  return (
    signature.get(signatureTags.LONGARCHIVESIZE) ??
    header.get(tags.LONGARCHIVESIZE) ??
    signature.get(signatureTags.PAYLOADSIZE) ??
    header.get(tags.ARCHIVESIZE) ??
    0
  )
}

function filesOf(header: Header, object: string): RpmPackageFile[] {
  const paths = header.get(tags.OLDFILENAMES) ?? pathsOf(header, object)
  if (paths.length === 0) return []
  const modes = sameLength(header, tags.FILEMODES, paths.length, object)
  const flags = sameLength(header, tags.FILEFLAGS, paths.length, object)
  return paths.map((path, i) => {
    const isDirectory = (modes[i]! & typeMask) === directory
    const type = isDirectory ? 'dir' : (flags[i]! & isGhost) !== 0 ? 'ghost' : 'file'
    return { path, type, flags: flags[i]! }
  })
}

function pathsOf(header: Header, object: string): ByteString[] {
  const names = header.get(tags.BASENAMES)
  if (names === undefined) return []
  const directories = header.get(tags.DIRNAMES) ?? []
  const indexes = sameLength(header, tags.DIRINDEXES, names.length, object)
  return names.map((name, i) => {
    const directory = directories[indexes[i]!]
    if (directory === undefined)
      throw headerFault(object, tags.DIRINDEXES, `has ${indexes[i]}, beyond DIRNAMES`)
    return directory + name
  })
}

function changelogsOf(header: Header, object: string): RpmChangelog[] {
  const times = header.get(tags.CHANGELOGTIME)
  if (times === undefined) return []
  const authors = sameLength(header, tags.CHANGELOGNAME, times.length, object)
  const texts = sameLength(header, tags.CHANGELOGTEXT, times.length, object)
  return times.map((time, i) => ({ time, author: authors[i]!, text: texts[i]! }))
}
