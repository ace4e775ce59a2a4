import { type ByteString, YardError } from '../../model/index.ts'
import { checkSize, checkToken } from '../index-token.ts'
import { trimBlanks } from './blanks.ts'
import { type Checksum, readChecksum } from './checksum.ts'
import { readLocation } from './location.ts'
import type { XmlReader } from './xml.ts'
import { type Fields, readChildren, readDocument, readField, selectElements } from './xml-elements.ts'

/** A file of metadata that repomd.xml names: one `<data>`. */
export interface RepomdFile {
  /** `primary`, `filelists`, `group_gz`, `updateinfo`, ...: any word. */
  type: ByteString
  /** Where the file lies, as written: below `base`, or below the repository where there is none. */
  href: ByteString
  /** `xml:base`, unchecked. */
  base?: ByteString
  /** Of the file as it is served; undefined only where the document gives none. */
  checksum: Checksum | undefined
  /** Of the file as it is served, in bytes. */
  size: number | undefined
  /** Of the decompressed file. */
  openChecksum: Checksum | undefined
  openSize: number | undefined
  /** Of the head of a zchunk file. */
  headerChecksum: Checksum | undefined
  headerSize: number | undefined
  /** Seconds since 1970. */
  timestamp: number | undefined
  /** Of the files that are SQLite databases. */
  databaseVersion: ByteString | undefined
  /** Elements that are not known, byte for byte. */
  extra: Buffer[]
}

/** What repomd.xml says. */
export interface Repomd {
  revision: ByteString | undefined
  /** Words about the repository. */
  tags: {
    content: ByteString[]
    repo: ByteString[]
    /** What it is for; `cpeid` names the distribution (Common Platform Enumeration). */
    distro: { name: ByteString; cpeid: ByteString | undefined }[]
  }
  /** In the order of the document; a type may stand more than once. */
  files: RepomdFile[]
}

const dataSelection = selectElements({
  location: ['href', 'xml:base'],
  checksum: ['type'],
  'open-checksum': ['type'],
  'header-checksum': ['type'],
  size: [],
  'open-size': [],
  'header-size': [],
  timestamp: [],
  database_version: [],
})

/** More than any repository has, so that a hostile one costs little. */
const maxFiles = 1000

/**
 * Reads repomd.xml, or the kept document of it. `object` names it in messages.
 * @throws YardError `invalid`: not well-formed, a file without type or location, a location that leaves the repository, an
 *   unknown checksum algorithm, a malformed checksum or number.
 */
export function parseRepomd(bytes: Buffer, object: string): Repomd {
  const repomd: Repomd = { revision: undefined, tags: { content: [], repo: [], distro: [] }, files: [] }
  readDocument(bytes, 'repomd', object, reader => {
    if (reader.isNamed('revision')) {
      if (repomd.revision !== undefined) throw reader.fault('<revision> stands twice')
      repomd.revision = reader.readText()
    } else if (reader.isNamed('tags')) readChildren(reader, tag => readTag(tag, repomd.tags))
    else if (reader.isNamed('data')) {
      if (repomd.files.length === maxFiles) throw reader.fault(`more than ${maxFiles} files`)
      repomd.files.push(readData(reader, bytes, object))
    } else return false
    return true
  })
  return repomd
}

function readTag(reader: XmlReader, { content, repo, distro }: Repomd['tags']): boolean {
  if (reader.isNamed('content')) content.push(reader.readText())
  else if (reader.isNamed('repo')) repo.push(reader.readText())
  else if (reader.isNamed('distro')) {
    const cpeid = reader.attribute('cpeid')
    distro.push({ cpeid, name: reader.readText() })
  } else return false
  return true
}

function readData(reader: XmlReader, bytes: Buffer, object: string): RepomdFile {
  const where = () => `${object}: data of type ${JSON.stringify(type?.slice(0, 80) ?? '')}`
  const type = reader.attribute('type')
  const fields: Fields = new Map()
  const extra: Buffer[] = []
  checkToken(type, 'type', where)
  readChildren(reader, child => {
    if (readField(child, dataSelection, fields)) return true
    const { start } = child
    child.passOver()
    extra.push(bytes.subarray(start, child.end))
    return true
  })
  const checksum = (key: string) =>
    fields.has(key) ? readChecksum(fields.get(`${key}@type`), fields.get(key)!, where) : undefined
  const number = (key: string) =>
    fields.has(key) ? checkSize(trimBlanks(fields.get(key)!), key, where) : undefined
  return {
    type: type!,
    ...readLocation(fields.get('location@href'), fields.get('location@xml:base'), where),
    checksum: checksum('checksum'),
    size: number('size'),
    openChecksum: checksum('open-checksum'),
    openSize: number('open-size'),
    headerChecksum: checksum('header-checksum'),
    headerSize: number('header-size'),
    timestamp: timestampOf(fields.get('timestamp'), where),
    databaseVersion: fields.get('database_version'),
    extra,
  }
}

/** Some repositories write fractions of a second. */
function timestampOf(text: ByteString | undefined, where: () => string): number | undefined {
  if (text === undefined) return undefined
  if (/^\s*[0-9]{1,12}(\.[0-9]{1,12})?\s*$/.test(text)) return Number(text)
  throw new YardError('invalid', `${where()}: malformed timestamp ${JSON.stringify(text.slice(0, 40))}`)
}
