import type { ByteString, Digest } from '../model/index.ts'
import { children, decodeFileEntry } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'
import type { WantedFile } from './obtain.ts'

const byHash = /^((?:.*\/)?)by-hash\/[^/]+\/[^/]+$/s

/**
 * The paths under which a mirror may have a file, best first, its plain one last. A by-hash name is ours as much as
 * upstream's (a sealed Release announces by-hash whatever the server keeps), so the file's plain name counts too.
 */
export async function namesOfFile(
  context: RepositoryContext,
  tree: Digest,
  file: WantedFile,
): Promise<[ByteString, ...ByteString[]]> {
  const directory = byHash.exec(file.path)?.[1]
  if (directory === undefined) return [file.path]
  for await (const child of children(context.trees, tree, directory.replace(/\/$/, '')))
    if (!child.directory && decodeFileEntry(child.value).sha256 === file.sha256)
      return [file.path, directory + child.name]
  return [file.path]
}
