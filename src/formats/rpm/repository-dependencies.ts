import type { ByteString } from '../../model/index.ts'
import { compareRpmVersions } from '../version/index.ts'
import type { Comparison } from './dependencies.ts'
import type { HeaderDependency } from './header-lists.ts'
import type { RpmPackage } from './package.ts'

/** A dependency as primary.xml has it. */
export interface ListedDependency {
  name: ByteString
  flags: Comparison | undefined
  epoch: ByteString | undefined
  version: ByteString | undefined
  release: ByteString | undefined
  /** Of requirements: a scriptlet needs it before the package is installed. */
  pre: boolean
}

/** A package's dependencies in the order in which primary.xml has them. */
export interface ListedDependencies {
  provides: ListedDependency[]
  requires: ListedDependency[]
  conflicts: ListedDependency[]
  obsoletes: ListedDependency[]
  suggests: ListedDependency[]
  enhances: ListedDependency[]
  recommends: ListedDependency[]
  supplements: ListedDependency[]
}

const senseOfPre = (1 << 6) | (1 << 9) | (1 << 10)
const isMissingOk = 1 << 19

/**
 * What createrepo_c (cr_package_from_header) lists of a package's dependencies. Those with an epoch that is no number
 * are dropped; requirements that the package itself meets, that are repeated or that rpm meets are, too; of those of
 * `libc.so.6` only the one with the highest symbol version stays, at the end; those that may be missing become recommendations.
 */
export function listedDependencies(rpm: RpmPackage): ListedDependencies {
  const provides = rpm.provides.filter(hasGoodEpoch)
  const requires = unmet(rpm, provides)
  const list = (dependencies: HeaderDependency[]) => dependencies.filter(hasGoodEpoch).map(listed)
  return {
    provides: provides.map(listed),
    requires: withHighestLibc(requires.filter(({ sense }) => (sense & isMissingOk) === 0)).map(
      dependency => ({
        ...listed(dependency),
        pre: isPre(dependency),
      }),
    ),
    conflicts: list(rpm.conflicts),
    obsoletes: list(rpm.obsoletes),
    suggests: list(rpm.suggests),
    enhances: list(rpm.enhances),
    recommends: [
      ...requires.filter(({ sense }) => (sense & isMissingOk) !== 0).map(listed),
      ...list(rpm.recommends),
    ],
    supplements: list(rpm.supplements),
  }
}

/** Files that clients find without filelists.xml: primary.xml lists them. */
export function isPrimaryFile(path: ByteString): boolean {
  return path.startsWith('/etc/') || path === '/usr/lib/sendmail' || path.includes('bin/')
}

/** Requirements that something outside of the package and of rpm must meet, each once. */
function unmet(rpm: RpmPackage, provides: HeaderDependency[]): HeaderDependency[] {
  const needsFiles = rpm.requires.some(({ name }) => name.startsWith('/') && isPrimaryFile(name))
  const files = new Set(needsFiles ? rpm.files.map(({ path }) => path).filter(isPrimaryFile) : [])
  const provided = new Set(provides.map(keyOf))
  const last = new Map<ByteString, string>()
  return rpm.requires.filter(dependency => {
    const { name, sense } = dependency
    if (name.startsWith('rpmlib(')) return false
    if (name.startsWith('/') && files.has(name)) return false
    if (provided.has(keyOf(dependency))) return false
    const meaning = [dependency.flags, isPre(dependency), dependency.evrText].join(' ')
    if (last.get(name) === meaning || !hasGoodEpoch(dependency)) return false
    if ((sense & isMissingOk) === 0 && !isLibc(dependency)) last.set(name, meaning)
    return true
  })
}

function keyOf({ name, flags, evrText }: HeaderDependency): string {
  return name + (flags ?? '') + evrText
}

function isPre({ sense }: HeaderDependency): boolean {
  return (sense & senseOfPre) !== 0
}

function isLibc({ name }: HeaderDependency): boolean {
  return name.startsWith('libc.so.6')
}

function withHighestLibc(requires: HeaderDependency[]): HeaderDependency[] {
  const libc = requires.filter(isLibc)
  if (libc.length === 0) return requires
  const highest = libc.reduce((best, next) => (isLowerLibc(best.name, next.name) ? next : best))
  return [...requires.filter(dependency => !isLibc(dependency)), highest]
}

/**
 * The order of cr_compare_dependency: by the version of the symbols in the first parentheses. Those without a version
 * come before, those without anything in parentheses before them.
 */
function isLowerLibc(a: ByteString, b: ByteString): boolean {
  const [rankA, versionA] = symbolsOf(a)
  const [rankB, versionB] = symbolsOf(b)
  return rankA === rankB ? compareRpmVersions(versionA, versionB) < 0 : rankA < rankB
}

function symbolsOf(name: ByteString): [rank: number, version: ByteString] {
  const open = name.indexOf('(')
  const close = name.indexOf(')', open)
  if (open < 0) return [0, '']
  if (close < 0) return [1, '']
  if (close === open + 1) return [2, '']
  const symbols = name.slice(open + 1, close)
  const digit = symbols.search(/[0-9]/)
  return digit < 0 ? [3, ''] : [4, symbols.slice(digit)]
}

function listed({ name, flags, evrText }: HeaderDependency): ListedDependency {
  const colon = evrText.indexOf(':')
  const hyphen = evrText.indexOf('-', colon + 1)
  const hasVersion = evrText !== ''
  return {
    name,
    flags,
    epoch: hasVersion ? evrText.slice(0, Math.max(colon, 0)) || '0' : undefined,
    version: evrText.slice(colon + 1, hyphen < 0 ? undefined : hyphen) || undefined,
    release: (hyphen < 0 ? '' : evrText.slice(hyphen + 1)) || undefined,
    pre: false,
  }
}

/** Whether what stands before the first colon is a number as C's strtol reads one. */
function hasGoodEpoch({ evrText }: HeaderDependency): boolean {
  const colon = evrText.indexOf(':')
  return colon <= 0 || /^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(evrText.slice(0, colon))
}
