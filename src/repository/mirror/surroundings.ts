import type { ByteString, Digest, FileEntry } from '../../model/index.ts'
import { decodeFileEntry, entries, lookup, packagePrefix, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { FileSurroundings } from '../file-edits.ts'
import { type PackageRow, rowOf } from '../package-rows.ts'

/** A place in the packages tree where a package's other listings may stand. */
export interface ListingPlace {
  suite: ByteString
  component: ByteString
  architecture: ByteString
}

/** How file edits see an old files tree and a new packages tree, in which a row's package can stand at `places`. */
export function surroundings(
  context: RepositoryContext,
  oldFiles: Digest | undefined,
  packages: Digest,
  places: (row: PackageRow) => ListingPlace[],
): FileSurroundings {
  return {
    async current(path) {
      const value = oldFiles === undefined ? undefined : await lookup(context.trees, oldFiles, path)
      return value === undefined ? undefined : decodeFileEntry(value)
    },
    async stillNamed(row, path) {
      const found: FileEntry[] = []
      for (const place of places(row))
        for (const entry of await namedAt(context, packages, row, place, path)) found.push(entry)
      return found
    },
  }
}

async function namedAt(
  context: RepositoryContext,
  packages: Digest,
  row: PackageRow,
  place: ListingPlace,
  path: ByteString,
): Promise<FileEntry[]> {
  const prefix = packagePrefix(row.family, place.suite, place.component, place.architecture, row.name)
  const found: FileEntry[] = []
  for await (const { key, value } of entries(context.trees, packages, prefixRange(prefix)))
    for (const file of rowOf(key, value).files) if (file.path === path) found.push(file.entry)
  return found
}
