import { type ByteString, YardError } from '../../model/index.ts'
import { checkSize, checkToken } from '../index-token.ts'
import { type Checksum, readChecksum } from './checksum.ts'
import { readLocation } from './location.ts'
import { type Fields, readChildren, readDocument, readField, selectElements } from './xml-elements.ts'

/** Which package a fragment of primary.xml describes, where it lies and what proves it. */
export interface PackageIdentity {
  name: ByteString
  arch: ByteString
  /** Decimal digits; `0` where none is written. */
  epoch: ByteString
  version: ByteString
  release: ByteString
  /** Of the package file; its hex is the package's `pkgid` in filelists and other. */
  checksum: Checksum
  /** Where the file lies, as written: below `base`, or below the repository where there is none. */
  href: ByteString
  /** `xml:base`, unchecked. */
  base?: ByteString
  /** Of the package file, in bytes. */
  size: number
}

/** What primary.xml says of a package, but for its dependencies and files. A text that it does not say is empty. */
export interface PrimaryPackage extends PackageIdentity {
  summary: ByteString
  description: ByteString
  url: ByteString
  license: ByteString
  vendor: ByteString
  /** File name of the source package that it was built from; empty for a source package. */
  sourceRpm: ByteString
  /** Of the unpacked files and of the uncompressed payload, in bytes. */
  installedSize: number | undefined
  archiveSize: number | undefined
  /** Seconds since 1970. */
  buildTime: number | undefined
  fileTime: number | undefined
  /** Where the main header begins and ends in the file, in bytes. */
  headerStart: number | undefined
  headerEnd: number | undefined
}

const identityElements = {
  name: [],
  arch: [],
  version: ['epoch', 'ver', 'rel'],
  checksum: ['type'],
  location: ['href', 'xml:base'],
  size: ['package'],
}
const identitySelection = selectElements(identityElements)
const packageSelection = selectElements({
  ...identityElements,
  summary: [],
  description: [],
  url: [],
  time: ['file', 'build'],
  size: ['package', 'installed', 'archive'],
})
const formatSelection = selectElements({
  'rpm:license': [],
  'rpm:vendor': [],
  'rpm:sourcerpm': [],
  'rpm:header-range': ['start', 'end'],
})

/**
 * Reads of one `<package>` of primary.xml what a sync needs, fast: the whole fragment is proved to be well-formed, the rest
 * is not looked at. `object` names the document in messages.
 * @throws YardError `invalid`: not well-formed, an element that is missing, twice or malformed, an unknown checksum
 *   algorithm, a location that leaves the repository.
 */
export function identityOf(fragment: Buffer, object: string): PackageIdentity {
  const fields: Fields = new Map()
  readDocument(fragment, 'package', object, reader => readField(reader, identitySelection, fields))
  return identityIn(fields, object)
}

/** Reads one `<package>` of primary.xml, with the errors of `identityOf`. */
export function readPrimary(fragment: Buffer, object: string): PrimaryPackage {
  const fields: Fields = new Map()
  readDocument(fragment, 'package', object, reader => {
    if (readField(reader, packageSelection, fields)) return true
    if (!reader.isNamed('format')) return false
    readChildren(reader, child => readField(child, formatSelection, fields))
    return true
  })
  const identity = identityIn(fields, object)
  const text = (key: string) => fields.get(key) ?? ''
  const number = (key: string) =>
    fields.has(key) ? checkSize(fields.get(key), key, () => describe(fields, object)) : undefined
  return {
    ...identity,
    summary: text('summary'),
    description: text('description'),
    url: text('url'),
    license: text('rpm:license'),
    vendor: text('rpm:vendor'),
    sourceRpm: text('rpm:sourcerpm'),
    installedSize: number('size@installed'),
    archiveSize: number('size@archive'),
    buildTime: number('time@build'),
    fileTime: number('time@file'),
    headerStart: number('rpm:header-range@start'),
    headerEnd: number('rpm:header-range@end'),
  }
}

function identityIn(fields: Fields, object: string): PackageIdentity {
  const where = () => describe(fields, object)
  return {
    name: checkToken(fields.get('name'), 'name', where),
    arch: checkToken(fields.get('arch'), 'arch', where),
    epoch: checkEpoch(fields.get('version@epoch'), where),
    version: checkToken(fields.get('version@ver'), 'version', where),
    release: checkToken(fields.get('version@rel'), 'release', where),
    checksum: readChecksum(fields.get('checksum@type'), fields.get('checksum') ?? '', where),
    size: checkSize(fields.get('size@package'), 'size', where),
    ...readLocation(fields.get('location@href'), fields.get('location@xml:base'), where),
  }
}

/** The epoch of a package: decimal digits, `0` where none is written. @throws YardError `invalid` */
export function checkEpoch(epoch: ByteString | undefined, where: () => string): ByteString {
  if (epoch === undefined || epoch === '') return '0'
  if (/^[0-9]{1,10}$/.test(epoch)) return epoch
  throw new YardError('invalid', `${where()}: malformed epoch ${JSON.stringify(epoch.slice(0, 40))}`)
}

function describe(fields: Fields, object: string): string {
  const part = (key: string) => (fields.get(key) ?? '?').slice(0, 120).replace(/[^!-~]/g, '?')
  return `${object}: package ${part('name')}-${part('version@ver')}-${part('version@rel')}.${part('arch')}`
}
