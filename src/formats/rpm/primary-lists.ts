import type { ByteString } from '../../model/index.ts'
import type { Comparison, RpmDependency } from './dependencies.ts'
import type { XmlReader } from './xml.ts'
import { readChildren, readDocument } from './xml-elements.ts'

/** A dependency of a package as primary.xml has it. */
export interface PrimaryDependency extends RpmDependency {
  /** Of requirements: a scriptlet needs it before the package is installed. */
  pre: boolean
}

/** A file or directory of a package. */
export interface ListedFile {
  path: ByteString
  type: 'file' | 'dir' | 'ghost'
}

export interface PrimaryLists {
  provides: PrimaryDependency[]
  requires: PrimaryDependency[]
  conflicts: PrimaryDependency[]
  obsoletes: PrimaryDependency[]
  suggests: PrimaryDependency[]
  enhances: PrimaryDependency[]
  recommends: PrimaryDependency[]
  supplements: PrimaryDependency[]
  /** Only those that clients find without filelists.xml, as the writer of the document chose. */
  files: ListedFile[]
}

const comparisons: readonly (string | undefined)[] = ['LT', 'LE', 'EQ', 'GE', 'GT']

/**
 * Reads the dependencies and files of one `<package>` of primary.xml, in their order. `object` names the document in
 * messages.
 * @throws YardError `invalid`: not well-formed, a dependency without a name, an unknown comparison.
 */
export function readPrimaryLists(fragment: Buffer, object: string): PrimaryLists {
  const dependencies = {
    provides: [],
    requires: [],
    conflicts: [],
    obsoletes: [],
    suggests: [],
    enhances: [],
    recommends: [],
    supplements: [],
  }
  const lists: PrimaryLists = { ...dependencies, files: [] }
  const listOf = new Map<ByteString, PrimaryDependency[]>(
    Object.entries(dependencies).map(([kind, list]) => [`rpm:${kind}`, list]),
  )
  readDocument(fragment, 'package', object, reader => {
    if (!reader.isNamed('format')) return false
    readChildren(reader, child => readList(child, lists.files, listOf))
    return true
  })
  return lists
}

function readList(
  reader: XmlReader,
  files: ListedFile[],
  dependencies: ReadonlyMap<ByteString, PrimaryDependency[]>,
): boolean {
  if (reader.isNamed('file')) {
    files.push(readFile(reader))
    return true
  }
  const list = dependencies.get(reader.name)
  if (list === undefined) return false
  readChildren(reader, entry => {
    if (entry.isNamed('rpm:entry')) list.push(dependencyOf(entry))
    return false
  })
  return true
}

function dependencyOf(entry: XmlReader): PrimaryDependency {
  const name = entry.attribute('name')
  const flags = entry.attribute('flags')
  const pre = entry.attribute('pre') === '1'
  if (name === undefined) throw entry.fault('<rpm:entry> without a name')
  if (flags === undefined) return { name, flags: undefined, evr: undefined, pre }
  if (!comparisons.includes(flags))
    throw entry.fault(`unknown comparison ${JSON.stringify(flags.slice(0, 40))}`)
  const evr = {
    epoch: entry.attribute('epoch'),
    version: entry.attribute('ver') ?? '',
    release: entry.attribute('rel'),
  }
  return { name, flags: flags as Comparison, evr, pre }
}

/** A `<file>` of primary.xml or filelists.xml, whose start tag is at hand. */
export function readFile(reader: XmlReader): ListedFile {
  const type = reader.attribute('type')
  return { type: type === 'dir' || type === 'ghost' ? type : 'file', path: reader.readText() }
}
