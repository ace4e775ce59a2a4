import type { ByteString, FileEntry } from '../model/index.ts'
import { conflictError, type PackageRow, type RowChanges } from './package-rows.ts'

/** What becomes of one path in the files tree; `entry` undefined removes it. */
export interface FileEdit {
  path: ByteString
  entry: FileEntry | undefined
}

/** How the edits see the trees around them. */
export interface FileSurroundings {
  /** What the old files tree has at a path. */
  current(path: ByteString): Promise<FileEntry | undefined>
  /** What the packages of the new packages tree that share the row's name and version say about the path. */
  stillNamed(row: PackageRow, path: ByteString): Promise<FileEntry[]>
}

/**
 * The edits of package files that follow from changed rows: what came is set; what went is removed unless a package of
 * another index still names the path.
 * @throws YardError `invalid` when two live packages name one path with different bytes.
 */
export async function packageFileEdits(
  rows: RowChanges,
  around: FileSurroundings,
  object: string,
): Promise<Map<ByteString, FileEntry | undefined>> {
  const edits = new Map<ByteString, FileEntry | undefined>()
  const gone = new Set(
    rows.removed.flatMap(row => row.files.map(file => `${file.path}\n${file.entry.sha256}`)),
  )
  for (const row of rows.added)
    for (const { path, entry } of row.files) {
      const other = edits.get(path) ?? (await around.current(path))
      if (other !== undefined && other.sha256 !== entry.sha256 && !gone.has(`${path}\n${other.sha256}`))
        throw conflictError(path, object)
      edits.set(path, entry)
    }
  for (const row of rows.removed)
    for (const { path } of row.files) {
      const live = await around.stillNamed(row, path)
      const set = edits.get(path)
      if (set === undefined && live.length === 0) edits.set(path, undefined)
      if (set !== undefined && live.some(entry => entry.sha256 !== set.sha256))
        throw conflictError(path, object)
    }
  return edits
}

/**
 * The edits of metadata files: what is wanted now, against what the old tree had. Equal entries cost nothing in the tree.
 */
export function metadataEdits(
  before: Iterable<ByteString>,
  wanted: ReadonlyMap<ByteString, FileEntry>,
): Map<ByteString, FileEntry | undefined> {
  const edits = new Map<ByteString, FileEntry | undefined>(wanted)
  for (const path of before) if (!wanted.has(path)) edits.set(path, undefined)
  return edits
}

/** All edits in the order that a tree takes them. */
export function sortedEdits(...maps: ReadonlyMap<ByteString, FileEntry | undefined>[]): FileEdit[] {
  const all = new Map<ByteString, FileEntry | undefined>()
  for (const map of maps) for (const [path, entry] of map) all.set(path, entry)
  return [...all.keys()].sort().map(path => ({ path, entry: all.get(path) }))
}
