import { type ByteString, bytesOf } from '../../model/index.ts'
import { fragmentedDocuments, rpmNamespace } from './fragment-head.ts'
import { xmlAttribute } from './write-xml.ts'
import { XmlReader } from './xml.ts'

/** The three documents that have a fragment for every package. */
export type PackageDocument = 'primary' | 'filelists' | 'other'

/**
 * What stands before and behind the fragments of a document of so many packages, as createrepo_c writes it: the document is
 * the head, each fragment and a line feed, the tail.
 */
export function metadataFrame(document: PackageDocument, packages: number): { head: Buffer; tail: Buffer } {
  const { root, namespace } = fragmentedDocuments[document]
  const rpm = document === 'primary' ? ` xmlns:rpm="${rpmNamespace}"` : ''
  const start = `<${root} xmlns="${namespace}"${rpm} packages="${packages}">`
  return {
    head: bytesOf(`<?xml version="1.0" encoding="UTF-8"?>\n${start}\n`),
    tail: bytesOf(`</${root}>\n`),
  }
}

/**
 * A primary fragment whose package lies elsewhere: `<location>` gets this href and loses its `xml:base`; every other byte
 * stays. `object` names the document in messages.
 * @throws YardError `invalid`: not well-formed, no `<location>` or more than one.
 */
export function withLocation(fragment: Buffer, href: ByteString, object: string): Buffer {
  const reader = new XmlReader(fragment, object)
  reader.openRoot('package')
  let rewritten: Buffer | undefined
  while (reader.nextChild()) {
    if (reader.isNamed('location')) {
      if (rewritten !== undefined) throw reader.fault('<location> stands twice')
      rewritten = replaceTag(fragment, reader, href)
    }
    reader.passOver()
  }
  reader.next()
  if (rewritten === undefined) throw reader.fault('it has no <location>')
  return rewritten
}

/** The fragment with another start tag of `<location>`, at which the reader stands. Attributes that are not ours stay. */
function replaceTag(fragment: Buffer, reader: XmlReader, href: ByteString): Buffer {
  const isEmpty = fragment[reader.end - 2] === '/'.charCodeAt(0)
  const others = [...reader.attributes()]
    .filter(([name]) => name !== 'href' && name !== 'xml:base')
    .map(([name, value]) => ` ${name}="${xmlAttribute(value)}"`)
  const tag = `<location href="${xmlAttribute(href)}"${others.join('')}${isEmpty ? '/' : ''}>`
  return Buffer.concat([fragment.subarray(0, reader.start), bytesOf(tag), fragment.subarray(reader.end)])
}
