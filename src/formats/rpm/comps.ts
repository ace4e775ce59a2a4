import { type ByteString, byteStringOf, bytesOf } from '../../model/index.ts'
import { checkToken } from '../index-token.ts'
import { trimBlanks } from './blanks.ts'
import type { XmlReader } from './xml.ts'
import { readChildren, readDocument } from './xml-elements.ts'

/** How a package belongs to its group; a word that is not known counts as mandatory, as in libcomps. */
export type GroupPackageType = 'mandatory' | 'default' | 'optional' | 'conditional'

export interface GroupPackage {
  name: ByteString
  type: GroupPackageType
  /** Of conditional packages: the package whose presence asks for this one. */
  requires: ByteString | undefined
}

/** What groups, categories and environments have in common. */
export interface CompsEntry {
  id: ByteString
  /** The name that is in no particular language; empty where there is none. */
  name: ByteString
  /** The element byte for byte. */
  fragment: Buffer
}

export interface Group extends CompsEntry {
  packages: GroupPackage[]
}

/** A heading over groups. */
export interface Category extends CompsEntry {
  /** Ids of groups. */
  groups: ByteString[]
}

/** Groups that make a kind of host. */
export interface Environment extends CompsEntry {
  /** Ids of groups that belong to it. */
  groups: ByteString[]
  /** Ids of groups that may be added. */
  options: ByteString[]
}

/** Which packages come with a language: `install` is a pattern with `%s` for the language. */
export interface Langpack {
  name: ByteString
  install: ByteString
}

/** What comps.xml says. */
export interface Comps {
  groups: Group[]
  categories: Category[]
  environments: Environment[]
  langpacks: Langpack[]
  /** Elements that are none of the first three, byte for byte: `<langpacks>`, `<blacklist>`, whatever comes. */
  others: Buffer[]
}

/** What stands before and behind the fragments of a comps.xml, each followed by a line feed. */
export const compsFrame = {
  head: bytesOf(
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">\n<comps>\n',
  ),
  tail: bytesOf('</comps>\n'),
}

/**
 * Reads comps.xml (the file of type `group` in repomd.xml). Its usual document type, which names a DTD, is passed over; one
 * that declares anything itself is refused. `object` names the document in messages.
 * @throws YardError `invalid`: not well-formed, a group, category or environment without id, a package without name.
 */
export function parseComps(bytes: Buffer, object: string): Comps {
  const comps: Comps = { groups: [], categories: [], environments: [], langpacks: [], others: [] }
  readDocument(withoutDocumentType(bytes), 'comps', object, reader => {
    const { start } = reader
    const where = () => `${object}: byte ${start}`
    const kind = reader.name
    if (kind === 'group' || kind === 'category' || kind === 'environment') {
      const { id, name, ...members } = readEntry(reader, where)
      const entry = { id: checkToken(id, 'id', where), name, fragment: bytes.subarray(start, reader.end) }
      const { packages, groups, options } = members
      if (kind === 'group') comps.groups.push({ ...entry, packages })
      else if (kind === 'category') comps.categories.push({ ...entry, groups })
      else comps.environments.push({ ...entry, groups, options })
      return true
    }
    if (kind === 'langpacks') readChildren(reader, match => readLangpack(match, comps.langpacks))
    else reader.passOver()
    comps.others.push(bytes.subarray(start, reader.end))
    return true
  })
  return comps
}

interface Members {
  id: ByteString | undefined
  name: ByteString
  packages: GroupPackage[]
  groups: ByteString[]
  options: ByteString[]
}

function readEntry(reader: XmlReader, where: () => string): Members {
  const entry: Members = { id: undefined, name: '', packages: [], groups: [], options: [] }
  readChildren(reader, child => {
    if (child.isNamed('id')) entry.id = trimBlanks(child.readText())
    else if (child.isNamed('name') && child.attribute('xml:lang') === undefined) entry.name = child.readText()
    else if (child.isNamed('packagelist'))
      readChildren(child, wanted => readGroupPackage(wanted, entry.packages, where))
    else if (child.isNamed('grouplist')) readChildren(child, id => readGroupId(id, entry.groups))
    else if (child.isNamed('optionlist')) readChildren(child, id => readGroupId(id, entry.options))
    else return false
    return true
  })
  return entry
}

const packageTypes: readonly string[] = [
  'mandatory',
  'default',
  'optional',
  'conditional',
] satisfies GroupPackageType[]

function readGroupPackage(reader: XmlReader, packages: GroupPackage[], where: () => string): boolean {
  if (!reader.isNamed('packagereq')) return false
  const written = reader.attribute('type') ?? ''
  const type = packageTypes.includes(written) ? (written as GroupPackageType) : 'mandatory'
  const requires = reader.attribute('requires')
  packages.push({ type, requires, name: checkToken(trimBlanks(reader.readText()), 'name', where) })
  return true
}

function readGroupId(reader: XmlReader, ids: ByteString[]): boolean {
  if (!reader.isNamed('groupid')) return false
  ids.push(trimBlanks(reader.readText()))
  return true
}

function readLangpack(reader: XmlReader, langpacks: Langpack[]): boolean {
  const name = reader.attribute('name')
  const install = reader.attribute('install')
  if (reader.isNamed('match') && name !== undefined && install !== undefined)
    langpacks.push({ name, install })
  return false
}

const documentType =
  /^(?:\xef\xbb\xbf)?(?:<\?xml [^<>]{0,200}\?>)?(?:[ \t\r\n]|<!--(?:[^-]|-(?!-)){0,2000}-->)*(<!DOCTYPE[ \t\r\n]+comps(?:[ \t\r\n]+(?:PUBLIC[ \t\r\n]+"[^"<>]*"|SYSTEM)[ \t\r\n]+"[^"<>]*")?[ \t\r\n]*>)/

/** The document with blanks where a document type without declarations stood, so that every other byte keeps its place. */
function withoutDocumentType(bytes: Buffer): Buffer {
  const match = documentType.exec(byteStringOf(bytes.subarray(0, 8192)))
  if (match === null) return bytes
  const blanked = Buffer.from(bytes)
  return blanked.fill(' ', match[0].length - match[1]!.length, match[0].length)
}
