import { readPackageStanza, readSourceStanza, stanzasOf } from '../formats/index.ts'
import { type ByteString, type Digest, type FileEntry, YardError } from '../model/index.ts'
import {
  type Change,
  decodePackageKey,
  type Entry,
  encodePackageKey,
  type PackageKey,
} from '../tree/index.ts'
import { fragmentsOfValue, readListing, sourceOfListing } from './rpm-listings.ts'

/** The families of packages in packages trees; RPM source packages are of the architecture `src`. */
export type Family = 'deb' | 'deb-src' | 'rpm'

/**
 * Families whose entries are no packages of their own: they say more of an `rpm` entry with the same key behind the family, or
 * of several packages.
 */
export const sideFamilies = [
  'rpm-filelists',
  'rpm-other',
  'rpm-comps',
  'rpm-modules',
  'rpm-updateinfo',
] as const

/** What the verbs need of one package as one index lists it. */
export interface PackageRow {
  family: Family
  suite: ByteString
  component: ByteString
  /** Of the index; the package's own may be `all`. */
  architecture: ByteString
  ownArchitecture: ByteString
  name: ByteString
  version: ByteString
  digest: Digest
  source: ByteString
  /** Of all its files, in bytes. */
  size: number
  /** One file for a binary package, several for a source package and for an RPM that is listed at several places. */
  files: { path: ByteString; entry: FileEntry }[]
}

export interface RowChanges {
  added: PackageRow[]
  removed: PackageRow[]
}

/** Which index a stanza was read from. */
export interface IndexPlace {
  family: 'deb' | 'deb-src'
  suite: ByteString
  component: ByteString
  architecture: ByteString
}

/** No stanza of a real archive comes near this; a longer one is an attack or damage. */
export const maxStanzaBytes = 4 * 1024 * 1024

/**
 * The entries of a packages tree that one Packages or Sources file gives: key -> the stanza's own bytes, sorted,
 * each key once (an index may repeat a stanza).
 * @param directory of a flat suite, below which its `Filename`s lie already: they are relative to the base URL.
 * @throws YardError `invalid` or `untrusted` naming `object` and the package (unsafe path, wrong size, weak digests only).
 */
export function entriesOfIndex(bytes: Buffer, place: IndexPlace, object: string): Entry[] {
  const entries: Entry[] = []
  let sorted = true
  let last = ''
  for (const stanza of stanzasOf(bytes, { maxStanzaBytes, object })) {
    const { name, version, digest } = identityOf(place.family, stanza, object)
    const key = encodePackageKey({ ...place, name, version, digest })
    if (key <= last) sorted = false
    last = key
    entries.push({ key, value: stanza })
  }
  if (sorted) return entries
  entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return entries.filter((entry, i) => i === 0 || entry.key !== entries[i - 1]!.key)
}

function identityOf(
  family: 'deb' | 'deb-src',
  stanza: Buffer,
  object: string,
): { name: ByteString; version: ByteString; digest: Digest } {
  if (family === 'deb') {
    const entry = readPackageStanza(stanza, object)
    return { name: entry.name, version: entry.version, digest: entry.sha256 }
  }
  const source = readSourceStanza(stanza, object)
  return { name: source.name, version: source.version, digest: source.digest }
}

/** The row of one entry of a packages tree. */
export function rowOf(key: ByteString, stanza: Uint8Array): PackageRow {
  const place = decodePackageKey(key)
  const bytes = Buffer.from(stanza.buffer, stanza.byteOffset, stanza.byteLength)
  if (place.family === 'rpm') return rpmRow(place, bytes)
  return place.family === 'deb' ? binaryRow(place, bytes) : sourceRow(place, bytes)
}

function binaryRow(place: PackageKey, stanza: Buffer): PackageRow {
  const entry = readPackageStanza(stanza, place.name)
  return {
    family: 'deb',
    suite: place.suite,
    component: place.component,
    architecture: place.architecture,
    ownArchitecture: entry.architecture,
    name: entry.name,
    version: entry.version,
    digest: entry.sha256,
    source: entry.source,
    size: entry.size,
    files: [{ path: entry.filename, entry: { sha256: entry.sha256, size: entry.size } }],
  }
}

function sourceRow(place: PackageKey, stanza: Buffer): PackageRow {
  const entry = readSourceStanza(stanza, place.name)
  return {
    family: 'deb-src',
    suite: place.suite,
    component: place.component,
    architecture: 'source',
    ownArchitecture: 'source',
    name: entry.name,
    version: entry.version,
    digest: entry.digest,
    source: entry.name,
    size: entry.files.reduce((sum, file) => sum + file.size, 0),
    files: entry.files.map(file => ({ path: file.path, entry: { sha256: file.sha256, size: file.size } })),
  }
}

function rpmRow(place: PackageKey, value: Buffer): PackageRow {
  const listings = fragmentsOfValue(value).map(fragment => readListing(fragment, place.name, place.component))
  const { size } = listings[0]!
  return {
    family: 'rpm',
    suite: place.suite,
    component: place.component,
    architecture: place.architecture,
    ownArchitecture: place.architecture,
    name: place.name,
    version: place.version,
    digest: place.digest,
    source: sourceOfListing(fragmentsOfValue(value)[0]!, place.name),
    size,
    files: listings.map(({ path }) => ({ path, entry: { sha256: place.digest, size } })),
  }
}

/** Splits tree changes into rows that came and rows that went; a stanza edited in place is both. */
export async function collectRows(changes: AsyncIterable<Change>): Promise<RowChanges> {
  const rows: RowChanges = { added: [], removed: [] }
  for await (const { key, before, after } of changes) {
    if (isSideKey(key)) continue
    if (before !== undefined) rows.removed.push(sharingPlace(rowOf(key, before), rows.removed.at(-1)))
    if (after !== undefined) rows.added.push(sharingPlace(rowOf(key, after), rows.added.at(-1)))
  }
  return rows
}

/** Whether a key of a packages tree only says more of a package that has a key of its own. */
export function isSideKey(key: ByteString): boolean {
  return sideFamilies.some(family => key.startsWith(`${family}\0`))
}

/** Tens of thousands of rows hold the names of their index once, not a copy each. */
function sharingPlace(row: PackageRow, last: PackageRow | undefined): PackageRow {
  if (last !== undefined)
    for (const part of ['suite', 'component', 'architecture'] as const)
      if (row[part] === last[part]) row[part] = last[part]
  return row
}

/** @throws YardError `invalid` when two live packages name one path with different bytes. */
export function conflictError(path: ByteString, object: string): YardError {
  return new YardError(
    'invalid',
    `${object}: two packages name ${path} with different bytes; no snapshot was made, the last one is still served`,
    {
      hint: 'the mirror may be in the middle of an update: try again later, or name another mirror',
    },
  )
}
