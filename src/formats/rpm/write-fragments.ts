import { type ByteString, bytesOf, type Digest, YardError } from '../../model/index.ts'
import type { RpmChangelog, RpmPackage, RpmPackageFile } from './package.ts'
import { isPrimaryFile, type ListedDependency, listedDependencies } from './repository-dependencies.ts'
import { rawXmlAttribute, xmlAttribute, xmlText } from './write-xml.ts'

/** What metadata say of a package beyond its headers. */
export interface PackagePlace {
  /** Path below `base`, or below the repository, as it is: nothing is percent-encoded. */
  href: ByteString
  base?: ByteString | undefined
  /** The SHA-256 of the package file, and its size in bytes. */
  pkgid: Digest
  size: number
  /** When the file was last changed, in seconds since 1970. */
  fileTime: number
  /** Where the main header stands in the file. */
  headerStart: number
  headerEnd: number
}

/** One package's `<package ...>...</package>` for each of the three files, in UTF-8, without a newline at the end. */
export interface PackageFragments {
  primary: Buffer
  filelists: Buffer
  other: Buffer
}

const defaultChangelogLimit = 10

/**
 * Writes a package's metadata as createrepo_c 0.17.3 does, byte for byte. `changelogLimit` keeps so many of the newest
 * changelog entries; default 10.
 * @throws YardError `invalid` where createrepo_c refuses the package: XML cannot hold control characters.
 */
export function writeFragments(
  rpm: RpmPackage,
  place: PackagePlace,
  changelogLimit = defaultChangelogLimit,
): PackageFragments {
  const primary = primaryOf(rpm, place)
  const filelists = filelistsOf(rpm, place)
  const other = otherOf(rpm, place, changelogLimit)
  for (const text of [primary, filelists, other])
    if (/[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text))
      throw new YardError(
        'invalid',
        `${place.href}: its headers have control characters, which XML cannot hold`,
      )
  return { primary: bytesOf(primary), filelists: bytesOf(filelists), other: bytesOf(other) }
}

function primaryOf(rpm: RpmPackage, place: PackagePlace): string {
  const base =
    place.base === undefined || place.base === '' ? '' : ` xml:base="${xmlAttribute(baseUrl(place.base))}"`
  return [
    '<package type="rpm">',
    `  ${element('name', rpm.name)}`,
    `  ${element('arch', rpm.arch)}`,
    `  ${versionOf(rpm)}`,
    `  <checksum type="sha256" pkgid="YES">${place.pkgid}</checksum>`,
    `  ${element('summary', rpm.summary)}`,
    `  ${element('description', rpm.description)}`,
    `  ${element('packager', rpm.packager)}`,
    `  ${element('url', rpm.url)}`,
    `  <time file="${place.fileTime}" build="${rpm.buildTime}"/>`,
    `  <size package="${place.size}" installed="${rpm.installedSize}" archive="${rpm.archiveSize}"/>`,
    `  <location${base} href="${xmlAttribute(place.href)}"/>`,
    '  <format>',
    `    ${element('rpm:license', rpm.license)}`,
    `    ${element('rpm:vendor', rpm.vendor)}`,
    `    ${element('rpm:group', rpm.group)}`,
    `    ${element('rpm:buildhost', rpm.buildHost)}`,
    `    ${element('rpm:sourcerpm', rpm.sourceRpm)}`,
    `    <rpm:header-range start="${place.headerStart}" end="${place.headerEnd}"/>`,
    ...dependencyLines(rpm),
    ...rpm.files.filter(({ path }) => isPrimaryFile(path)).map(file => `    ${fileElement(file)}`),
    '  </format>',
    '</package>',
  ].join('\n')
}

function filelistsOf(rpm: RpmPackage, { pkgid }: PackagePlace): string {
  return [
    `<package pkgid="${pkgid}" name="${xmlAttribute(rpm.name)}" arch="${xmlAttribute(rpm.arch)}">`,
    `  ${versionOf(rpm)}`,
    ...rpm.files.map(file => `  ${fileElement(file)}`),
    '</package>',
  ].join('\n')
}

function otherOf(rpm: RpmPackage, { pkgid }: PackagePlace, changelogLimit: number): string {
  return [
    `<package pkgid="${pkgid}" name="${xmlAttribute(rpm.name)}" arch="${xmlAttribute(rpm.arch)}">`,
    `  ${versionOf(rpm, rawXmlAttribute)}`,
    ...changelogLines(rpm.changelogs.slice(0, changelogLimit)),
    '</package>',
  ].join('\n')
}

/** createrepo_c writes a path for a URL of the file scheme. */
function baseUrl(base: ByteString): ByteString {
  return base.startsWith('/') ? `file://${base}` : base
}

function element(name: string, value: ByteString | undefined): string {
  return `<${name}>${xmlText(value ?? '')}</${name}>`
}

function versionOf({ epoch, version, release }: RpmPackage, write = xmlAttribute): string {
  return `<version epoch="${epoch ?? 0}" ver="${write(version)}" rel="${write(release)}"/>`
}

function fileElement({ path, type }: RpmPackageFile): string {
  return `<file${type === 'file' ? '' : ` type="${type}"`}>${xmlText(path)}</file>`
}

function dependencyLines(rpm: RpmPackage): string[] {
  const { provides, requires, conflicts, obsoletes, suggests, enhances, recommends, supplements } =
    listedDependencies(rpm)
  const ordered = { provides, requires, conflicts, obsoletes, suggests, enhances, recommends, supplements }
  return Object.entries(ordered).flatMap(([name, dependencies]) => {
    if (dependencies.length === 0) return []
    const entries = dependencies.filter(dependency => dependency.name !== '').map(entryLine)
    return entries.length === 0
      ? [`    <rpm:${name}/>`]
      : [`    <rpm:${name}>`, ...entries, `    </rpm:${name}>`]
  })
}

function entryLine({ name, flags, epoch, version, release, pre }: ListedDependency): string {
  const attribute = (key: string, value: ByteString | undefined) =>
    value === undefined ? '' : ` ${key}="${xmlAttribute(value)}"`
  const range =
    flags === undefined
      ? ''
      : ` flags="${flags}"${attribute('epoch', epoch)}${attribute('ver', version)}${attribute('rel', release)}`
  return `      <rpm:entry${attribute('name', name)}${range}${pre ? ' pre="1"' : ''}/>`
}

/** Oldest first. Clients need distinct times, so createrepo_c moves older ones of equal time on by a second each. */
function changelogLines(changelogs: RpmChangelog[]): string[] {
  const listed: { time: number; line: (time: number) => string }[] = []
  let last = 0
  for (const { time, author, text } of changelogs) {
    if (time === last) pushOn(listed, time)
    last = time
    const name = xmlAttribute(trimmed(author))
    const body = xmlText(text)
    listed.push({ time, line: moved => `  <changelog author="${name}" date="${moved}">${body}</changelog>` })
  }
  return listed.reverse().map(({ time, line }) => line(time))
}

function pushOn(listed: { time: number }[], time: number): void {
  let taken = time
  for (let i = listed.length - 1; i >= 0 && listed[i]!.time === taken; i--) listed[i]!.time = ++taken
}

/** Without blanks at the end; the first character stays even so. */
function trimmed(author: ByteString): ByteString {
  let end = author.length
  while (end > 1 && author[end - 1] === ' ') end--
  return author.slice(0, end)
}
