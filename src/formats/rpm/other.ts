import type { ByteString } from '../../model/index.ts'
import { checkSize } from '../index-token.ts'
import { type PackageReference, readReferenced } from './filelists.ts'

/** One entry of a package's changelog. */
export interface ListedChange {
  author: ByteString
  /** Seconds since 1970. */
  date: number
  text: ByteString
}

export interface OtherPackage extends PackageReference {
  /** In the order of the document: createrepo_c writes the oldest first. */
  changes: ListedChange[]
}

/**
 * Reads one `<package>` of other.xml. `object` names the document in messages.
 * @throws YardError `invalid`: not well-formed, an attribute that is missing or malformed.
 */
export function readOther(fragment: Buffer, object: string): OtherPackage {
  const changes: ListedChange[] = []
  const reference = readReferenced(fragment, object, reader => {
    if (!reader.isNamed('changelog')) return false
    const author = reader.attribute('author') ?? ''
    const date = checkSize(reader.attribute('date'), 'date', () => `${object}: a changelog`)
    changes.push({ author, date, text: reader.readText() })
    return true
  })
  return { ...reference, changes }
}
