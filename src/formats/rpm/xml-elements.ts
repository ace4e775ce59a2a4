import type { ByteString } from '../../model/index.ts'
import { XmlReader } from './xml.ts'

/**
 * Reads the children of the element whose start tag is at hand, to its end tag. `visit` is called at the start tag of
 * each; it reads that child to its end, or returns false and it is passed over.
 */
export function readChildren(reader: XmlReader, visit: (reader: XmlReader) => boolean): void {
  while (reader.nextChild()) if (!visit(reader)) reader.passOver()
}

/**
 * Reads a whole document, or a fragment of one, whose root must have this name: its children as `readChildren` does, then
 * that nothing follows. Gives the root's attributes.
 * @throws YardError `invalid` naming `object` for what is not well-formed.
 */
export function readDocument(
  bytes: Uint8Array,
  root: ByteString,
  object: string,
  visit: (reader: XmlReader) => boolean,
): Map<ByteString, ByteString> {
  const reader = new XmlReader(bytes, object)
  reader.openRoot(root)
  const attributes = reader.attributes()
  readChildren(reader, visit)
  reader.next()
  return attributes
}

/** Elements whose text and attributes are wanted; prepared by `selectElements`. */
export type ElementSelection = ReadonlyMap<ByteString, readonly { name: ByteString; key: string }[]>

/** What was read: an element's text by its name, its attributes by `name@attribute`. */
export type Fields = Map<string, ByteString>

/** Prepares elements, each with its attributes, for `readField`; do it once, outside of loops. */
export function selectElements(elements: {
  readonly [element: ByteString]: readonly ByteString[]
}): ElementSelection {
  return new Map(
    Object.entries(elements).map(([element, attributes]) => [
      element,
      attributes.map(name => ({ name, key: `${element}@${name}` })),
    ]),
  )
}

/**
 * Reads the element at hand into `fields` when it is one of the selection; else false.
 * @throws YardError `invalid` for an element that stands twice, or that holds elements.
 */
export function readField(reader: XmlReader, selection: ElementSelection, fields: Fields): boolean {
  const { name } = reader
  const attributes = selection.get(name)
  if (attributes === undefined) return false
  if (fields.has(name)) throw reader.fault(`<${name}> stands twice`)
  for (const attribute of attributes) {
    const value = reader.attribute(attribute.name)
    if (value !== undefined) fields.set(attribute.key, value)
  }
  fields.set(name, reader.readText())
  return true
}
