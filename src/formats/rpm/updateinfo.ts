import { type ByteString, bytesOf } from '../../model/index.ts'
import { checkToken } from '../index-token.ts'
import { type AdvisoryCollection, readCollection } from './advisory-packages.ts'
import { trimBlanks } from './blanks.ts'
import type { XmlReader } from './xml.ts'
import { type Fields, readChildren, readDocument, readField, selectElements } from './xml-elements.ts'

/** Something that an advisory refers to: `type` is `bugzilla`, `cve`, `vendor`, `self` or another word. */
export interface AdvisoryReference {
  type: ByteString
  id: ByteString
  href: ByteString
  title: ByteString
}

/** One advisory: why packages were updated. What it does not say is empty. */
export interface Advisory {
  id: ByteString
  /** Who published it. */
  from: ByteString
  status: ByteString
  /** `security`, `bugfix`, `enhancement`, `newpackage` or another word. */
  type: ByteString
  version: ByteString
  title: ByteString
  severity: ByteString
  release: ByteString
  rights: ByteString
  summary: ByteString
  description: ByteString
  solution: ByteString
  /** As written; see `advisoryTime`. */
  issued: ByteString
  updated: ByteString
  references: AdvisoryReference[]
  collections: AdvisoryCollection[]
}

/** What stands before and behind the `<update>` fragments of a document, each followed by a line feed. */
export const updateinfoFrame = {
  head: bytesOf('<?xml version="1.0" encoding="UTF-8"?>\n<updates>\n'),
  tail: bytesOf('</updates>\n'),
}

const selection = selectElements({
  id: [],
  title: [],
  severity: [],
  release: [],
  rights: [],
  summary: [],
  description: [],
  solution: [],
  issued: ['date'],
  updated: ['date'],
})

/**
 * Reads one `<update>` of updateinfo.xml (`fragmentsOf` cuts them). `object` names the document in messages.
 * @throws YardError `invalid`: not well-formed, no id, an element twice, a package without name, version, release or arch,
 *   a malformed digest.
 */
export function readAdvisory(fragment: Buffer, object: string): Advisory {
  const fields: Fields = new Map()
  const references: AdvisoryReference[] = []
  const collections: AdvisoryCollection[] = []
  const where = () => `${object}: advisory ${(fields.get('id') ?? '?').slice(0, 120).replace(/[^ -~]/g, '?')}`
  const attributes = readDocument(fragment, 'update', object, reader => {
    if (readField(reader, selection, fields)) return true
    if (reader.isNamed('references')) readChildren(reader, one => readReference(one, references))
    else if (reader.isNamed('pkglist')) readChildren(reader, one => readCollection(one, collections, where))
    else return false
    return true
  })
  const attribute = (name: string) => attributes.get(name) ?? ''
  const text = (key: string) => fields.get(key) ?? ''
  return {
    id: checkToken(trimBlanks(text('id')), 'id', where),
    from: attribute('from'),
    status: attribute('status'),
    type: attribute('type'),
    version: attribute('version'),
    title: text('title'),
    severity: text('severity'),
    release: text('release'),
    rights: text('rights'),
    summary: text('summary'),
    description: text('description'),
    solution: text('solution'),
    issued: text('issued@date'),
    updated: text('updated@date'),
    references,
    collections,
  }
}

function readReference(reader: XmlReader, references: AdvisoryReference[]): boolean {
  if (!reader.isNamed('reference')) return false
  const attribute = (name: string) => reader.attribute(name) ?? ''
  references.push({
    type: attribute('type'),
    id: attribute('id'),
    href: attribute('href'),
    title: attribute('title'),
  })
  return false
}

/**
 * An advisory's date in milliseconds since the epoch: `2026-11-21`, `2026-11-21 06:45`, `2026-11-21 06:45:00` (with or without ` UTC`), or
 * seconds since 1970; undefined for anything else.
 */
export function advisoryTime(date: ByteString): number | undefined {
  if (/^[0-9]{1,11}$/.test(date)) return Number(date) * 1000
  const match =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?(?: ?UTC|Z)?)?$/.exec(
      date,
    )
  const time = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}Z`)
  return Number.isNaN(time) ? undefined : time
}
