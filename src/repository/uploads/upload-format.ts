import type { UploadsConfiguration } from '../../config/index.ts'
import type { ByteString, FileEntry } from '../../model/index.ts'
import type { Entry } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { debUploads } from './deb.ts'
import { rpmUploads } from './rpm.ts'

/** A package as its own file describes it. */
export interface ReadPackage {
  name: ByteString
  /** As the packages tree has it, with its epoch. */
  version: ByteString
  architecture: ByteString
  /** Where its file belongs in the repository, whatever it was called. */
  path: ByteString
  /**
   * Its entries of the packages tree, once the digest and size of its file are known and at whatever path it lies. The
   * same file at the same path gives the same bytes.
   * @throws YardError `invalid` for what metadata cannot say.
   */
  entries(file: FileEntry, path: ByteString): Entry[]
}

/** What a format supplies to uploads; the rest is shared. */
export interface UploadFormat {
  /** `.deb` or `.rpm`. */
  suffix: string
  /**
   * Reads a package file to its end, or as far as anything in it can be wrong. `object` names it in messages.
   * @throws YardError `invalid` for what is no whole package; `refused` for one that this repository does not take.
   */
  read(bytes: AsyncIterable<Uint8Array>, object: string): Promise<ReadPackage>
}

export function uploadFormatOf(context: RepositoryContext, repository: UploadsConfiguration): UploadFormat {
  const { output } = repository
  return output.format === 'apt' ? debUploads(repository, output) : rpmUploads(context, repository)
}
