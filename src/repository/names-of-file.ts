import type { ByteString, Digest, FileEntry } from '../model/index.ts'
import { children, decodeFileEntry, lookup } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'

/** A file of a files tree that is not here yet. */
export interface WantedFile extends FileEntry {
  path: ByteString
}

const byHash = /^((?:.*\/)?)by-hash\/[^/]+\/[^/]+$/s

/**
 * The paths under which a mirror may have a file, best first, its plain one last. By-hash names are tried for plain
 * ones, because upstream keeps them for a while when it replaces an index; and plain ones for by-hash names, which are
 * ours as much as upstream's (a sealed Release announces by-hash whatever the server keeps).
 */
export async function namesOfFile(
  context: RepositoryContext,
  tree: Digest,
  { path, sha256 }: WantedFile,
): Promise<[ByteString, ...ByteString[]]> {
  if (/\.u?deb$/.test(path)) return [path]
  const directory = byHash.exec(path)?.[1]
  if (directory === undefined) {
    const name = `${path.slice(0, path.lastIndexOf('/') + 1)}by-hash/SHA256/${sha256}`
    return (await lookup(context.trees, tree, name)) === undefined ? [path] : [name, path]
  }
  for await (const child of children(context.trees, tree, directory.replace(/\/$/, '')))
    if (!child.directory && decodeFileEntry(child.value).sha256 === sha256)
      return [path, directory + child.name]
  return [path]
}
