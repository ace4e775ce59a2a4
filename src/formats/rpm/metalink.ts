import { type ByteString, checkPath } from '../../model/index.ts'
import { checkSize } from '../index-token.ts'
import { trimBlanks } from './blanks.ts'
import { type Checksum, isChecksumAlgorithm, readChecksum } from './checksum.ts'
import { mirrorUrlOf } from './mirror-url.ts'
import type { XmlReader } from './xml.ts'
import { readChildren, readDocument } from './xml-elements.ts'

/** One state of a file that mirrors may serve. */
export interface MetalinkVersion {
  /** Seconds since 1970 (`mm0:timestamp`). */
  timestamp: number | undefined
  /** In bytes. */
  size: number | undefined
  /** Every digest whose algorithm is known. Only SHA-256 and longer count as proof. */
  checksums: Checksum[]
}

export interface MetalinkUrl {
  url: string
  /** Higher is better; 0 where none is given. */
  preference: number
  /** The country of the mirror as two letters, where given. */
  location: ByteString | undefined
}

export interface MetalinkFile extends MetalinkVersion {
  name: ByteString
  /** Earlier states (`mm0:alternates`), which mirrors that lag may still serve. */
  alternates: MetalinkVersion[]
  /** http and https only, best first; equals stay in the order of the document. */
  urls: MetalinkUrl[]
}

const maxFiles = 100
const maxAlternates = 1000
const maxUrls = 2000

/**
 * Reads a metalink (3.0, as Fedora's mirror manager writes it). `object` names it in messages.
 * @throws YardError `invalid`: not well-formed, a file without a safe name, a malformed number or digest, more files,
 *   alternates or URLs than anyone needs.
 */
export function parseMetalink(bytes: Buffer, object: string): MetalinkFile[] {
  const files: MetalinkFile[] = []
  readDocument(bytes, 'metalink', object, reader => {
    if (!reader.isNamed('files')) return false
    readChildren(reader, file => {
      if (!file.isNamed('file')) return false
      if (files.length === maxFiles) throw file.fault(`more than ${maxFiles} files`)
      files.push(readMetalinkFile(file, object))
      return true
    })
    return true
  })
  return files
}

function readMetalinkFile(reader: XmlReader, object: string): MetalinkFile {
  const name = checkPath(reader.attribute('name') ?? '', object)
  const where = () => `${object}: file ${JSON.stringify(name.slice(0, 200))}`
  const version = emptyVersion()
  const alternates: MetalinkVersion[] = []
  const urls: MetalinkUrl[] = []
  readChildren(reader, child => {
    if (readVersionPart(child, version, where)) return true
    if (child.isNamed('mm0:alternates')) readChildren(child, one => readAlternate(one, alternates, where))
    else if (child.isNamed('resources')) readChildren(child, one => readUrl(one, urls, where))
    else return false
    return true
  })
  return { name, ...version, alternates, urls: urls.toSorted((a, b) => b.preference - a.preference) }
}

function emptyVersion(): MetalinkVersion {
  return { timestamp: undefined, size: undefined, checksums: [] }
}

function readVersionPart(reader: XmlReader, version: MetalinkVersion, where: () => string): boolean {
  if (reader.isNamed('mm0:timestamp'))
    version.timestamp = checkSize(trimBlanks(reader.readText()), 'timestamp', where)
  else if (reader.isNamed('size')) version.size = checkSize(trimBlanks(reader.readText()), 'size', where)
  else if (reader.isNamed('verification'))
    readChildren(reader, hash => readHash(hash, version.checksums, where))
  else return false
  return true
}

/** Digests of algorithms that nobody here knows are passed over, since others stand beside them. */
function readHash(reader: XmlReader, checksums: Checksum[], where: () => string): boolean {
  const type = reader.attribute('type')
  if (!reader.isNamed('hash') || !isChecksumAlgorithm(type)) return false
  if (checksums.length === maxFiles) throw reader.fault(`more than ${maxFiles} digests`)
  checksums.push(readChecksum(type, reader.readText(), where))
  return true
}

function readAlternate(reader: XmlReader, alternates: MetalinkVersion[], where: () => string): boolean {
  if (!reader.isNamed('mm0:alternate')) return false
  if (alternates.length === maxAlternates) throw reader.fault(`more than ${maxAlternates} alternates`)
  const alternate = emptyVersion()
  readChildren(reader, part => readVersionPart(part, alternate, where))
  alternates.push(alternate)
  return true
}

function readUrl(reader: XmlReader, urls: MetalinkUrl[], where: () => string): boolean {
  if (!reader.isNamed('url')) return false
  if (urls.length === maxUrls) throw reader.fault(`more than ${maxUrls} URLs`)
  const location = reader.attribute('location')
  const preference = checkSize(reader.attribute('preference') ?? '0', 'preference', where)
  const url = mirrorUrlOf(trimBlanks(reader.readText()))
  if (url !== undefined) urls.push({ url, preference, location })
  return true
}
