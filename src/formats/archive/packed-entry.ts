/** What a package puts at a path of a host; root owns it. Paths are byte strings. */
export type PackedEntry = PackedFile | PackedDirectory | PackedLink

interface Packed {
  /** Absolute, without a slash at its end: `/usr/bin/x`. */
  path: string
}

export interface PackedFile extends Packed {
  type: 'file'
  /** Permission bits. */
  mode: number
  bytes: Uint8Array
}

export interface PackedDirectory extends Packed {
  type: 'directory'
  mode: number
}

export interface PackedLink extends Packed {
  type: 'symlink'
  target: string
}

/** The permission bits that a symbolic link is packed with. */
export const linkMode = 0o777

/** The entries behind every directory above them that they do not name themselves, in the order of their paths: parents first. */
export function withParents(entries: readonly PackedEntry[]): PackedEntry[] {
  const byPath = new Map(entries.map(entry => [entry.path, entry]))
  for (const { path } of entries)
    for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const parent = path.slice(0, slash)
      if (!byPath.has(parent)) byPath.set(parent, { type: 'directory', path: parent, mode: 0o755 })
    }
  return inOrder([...byPath.values()])
}

/** In the order of their paths. */
export function inOrder(entries: readonly PackedEntry[]): PackedEntry[] {
  return [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))
}
