import { type ByteString, bytesOf, YardError } from '../../model/index.ts'
import { XmlReader } from './xml.ts'

/** The documents that are a long list of elements below a root, and whether the root counts them (`packages="N"`). */
export const fragmentedDocuments = {
  primary: { root: 'metadata', element: 'package', namespace: 'http://linux.duke.edu/metadata/common' },
  filelists: { root: 'filelists', element: 'package', namespace: 'http://linux.duke.edu/metadata/filelists' },
  other: { root: 'otherdata', element: 'package', namespace: 'http://linux.duke.edu/metadata/other' },
  updateinfo: { root: 'updates', element: 'update', namespace: undefined },
} as const

export type FragmentedDocument = keyof typeof fragmentedDocuments

/** The namespace of primary's `rpm:` elements. */
export const rpmNamespace = 'http://linux.duke.edu/metadata/rpm'

/** What stands before the first fragment. */
export interface FragmentHead {
  /** Of the root element. */
  attributes: Map<ByteString, ByteString>
  /** How many packages the root says there are; undefined where it does not say. */
  count: number | undefined
}

/**
 * Reads a document's head, which ends with the start tag of its root. Fragments are read by the prefixes that they are
 * written with, so `rpm:` must be rpm's namespace, and no prefix the document's own.
 * @throws YardError `invalid`: another root, other namespaces, a malformed count.
 */
export function readHead(bytes: Buffer, document: FragmentedDocument, object: string): FragmentHead {
  const { root, namespace } = fragmentedDocuments[document]
  const isEmpty = bytes.at(-2) === 47
  const reader = new XmlReader(isEmpty ? bytes : Buffer.concat([bytes, bytesOf(`</${root}>`)]), object)
  reader.openRoot(root)
  const attributes = reader.attributes()
  const own = attributes.get('xmlns')
  const rpm = attributes.get('xmlns:rpm')
  if (
    (namespace !== undefined && own !== undefined && own !== namespace) ||
    (rpm !== undefined && rpm !== rpmNamespace)
  )
    throw reader.fault(`<${root}> of other namespaces than ${document} has`)
  return { attributes, count: countOf(attributes.get('packages'), object) }
}

function countOf(packages: ByteString | undefined, object: string): number | undefined {
  if (packages === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(packages)) return Number(packages)
  throw new YardError(
    'invalid',
    `${object}: malformed count of packages ${JSON.stringify(packages.slice(0, 40))}`,
  )
}
