import type { ByteString } from '../../model/index.ts'
import { checkToken } from '../index-token.ts'
import { checkEpoch } from './primary.ts'
import { type ListedFile, readFile } from './primary-lists.ts'
import type { XmlReader } from './xml.ts'
import { type Fields, readDocument, readField, selectElements } from './xml-elements.ts'

/** What every fragment of filelists.xml and other.xml says first: of which package it speaks. */
export interface PackageReference {
  /** The hex of the package's checksum in primary.xml. */
  pkgid: ByteString
  name: ByteString
  arch: ByteString
  /** Decimal digits. */
  epoch: ByteString
  version: ByteString
  release: ByteString
}

export interface Filelist extends PackageReference {
  files: ListedFile[]
}

/**
 * Reads one `<package>` of filelists.xml. `object` names the document in messages.
 * @throws YardError `invalid`: not well-formed, an attribute that is missing or malformed.
 */
export function readFilelists(fragment: Buffer, object: string): Filelist {
  const files: ListedFile[] = []
  const reference = readReferenced(fragment, object, reader => {
    if (!reader.isNamed('file')) return false
    files.push(readFile(reader))
    return true
  })
  return { ...reference, files }
}

/** The package that a fragment of filelists.xml or other.xml speaks of, with the errors of `readFilelists`. */
export function referenceOf(fragment: Buffer, object: string): PackageReference {
  return readReferenced(fragment, object, () => false)
}

const versionSelection = selectElements({ version: ['epoch', 'ver', 'rel'] })

/** Reads the package that a fragment speaks of, and hands every other element to `visit`. */
export function readReferenced(
  fragment: Buffer,
  object: string,
  visit: (reader: XmlReader) => boolean,
): PackageReference {
  const fields: Fields = new Map()
  const attributes = readDocument(
    fragment,
    'package',
    object,
    reader => readField(reader, versionSelection, fields) || visit(reader),
  )
  const name = attributes.get('name')
  const where = () => `${object}: package ${(name ?? '?').slice(0, 120).replace(/[^!-~]/g, '?')}`
  return {
    pkgid: checkToken(attributes.get('pkgid'), 'pkgid', where),
    name: checkToken(name, 'name', where),
    arch: checkToken(attributes.get('arch'), 'arch', where),
    epoch: checkEpoch(fields.get('version@epoch'), where),
    version: checkToken(fields.get('version@ver'), 'version', where),
    release: checkToken(fields.get('version@rel'), 'release', where),
  }
}
