import { linkMode, type PackedEntry } from './packed-entry.ts'

const types = { file: 0o100000, symlink: 0o120000, directory: 0o040000 } as const

/**
 * A cpio archive of the entries in their order as rpm wants its payload: the new ASCII format (cpio(5), `070701`), paths as
 * `./usr/bin/x`, all of root, inodes counted from 1.
 * @param time of every entry, in seconds since 1970.
 */
export function writeCpio(entries: readonly PackedEntry[], time: number): Buffer {
  const parts = entries.flatMap((entry, i) => {
    const body = bodyOf(entry)
    const links = entry.type === 'directory' ? 2 : 1
    return [
      headerOf(`.${entry.path}`, [i + 1, modeOf(entry), 0, 0, links, time, body.length]),
      ...padded(body),
    ]
  })
  return Buffer.concat([...parts, headerOf('TRAILER!!!', [0, 0, 0, 0, 1, 0, 0])])
}

/** Type and permission bits as stat(2) gives them. */
export function modeOf(entry: PackedEntry): number {
  return types[entry.type] | (entry.type === 'symlink' ? linkMode : entry.mode)
}

/** What an entry's size counts: a file's content, a link's target. */
export function bodyOf(entry: PackedEntry): Uint8Array {
  if (entry.type === 'file') return entry.bytes
  return Buffer.from(entry.type === 'symlink' ? entry.target : '', 'latin1')
}

/** Inode, mode, owner, group, links, time, size; no devices; the name with its NUL, and its checksum, which is none. */
function headerOf(name: string, numbers: number[]): Buffer {
  const fields = [...numbers, 0, 0, 0, 0, name.length + 1, 0]
  const text = `070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}${name}\0`
  return Buffer.concat(padded(Buffer.from(text, 'latin1')))
}

function padded(bytes: Uint8Array): Uint8Array[] {
  return [bytes, Buffer.alloc(-bytes.length & 3)]
}
