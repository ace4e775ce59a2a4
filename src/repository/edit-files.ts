import type { Digest } from '../model/index.ts'
import { decodeFileEntry, diff, type Edit, encodeFileEntry } from '../tree/index.ts'
import type { RepositoryContext } from './context.ts'
import type { FileEdit } from './file-edits.ts'

/** File edits as the tree takes them, one at a time. */
export function* toTreeEdits(edits: Iterable<FileEdit>): Iterable<Edit> {
  for (const { path, entry } of edits)
    yield { key: path, value: entry === undefined ? undefined : encodeFileEntry(entry) }
}

/** By how many bytes the files of two trees differ in sum; costs what differs. */
export async function byteDifference(context: RepositoryContext, from: Digest, to: Digest): Promise<number> {
  let bytes = 0
  for await (const { before, after } of diff(context.trees, from, to)) {
    if (before !== undefined) bytes -= decodeFileEntry(before).size
    if (after !== undefined) bytes += decodeFileEntry(after).size
  }
  return bytes
}
