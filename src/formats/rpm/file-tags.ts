import { createHash } from 'node:crypto'
import type { PackedEntry } from '../archive/packed-entry.ts'
import { bodyOf, modeOf } from '../archive/write-cpio.ts'
import { tags } from './tags.ts'
import type { WrittenTag } from './write-header.ts'
import { writtenTags as more, numbers, sha256Algorithm, shorts, texts } from './written-tags.ts'

const verifyEverything = 0xffffffff

/** Parallel arrays with an item for each entry (rpm's doc/manual/tags.md). */
export function fileTags(entries: readonly PackedEntry[], time: number): WrittenTag[] {
  const directories = [...new Set(entries.map(({ path }) => directoryOf(path)))]
  const each = <T>(value: (entry: PackedEntry, i: number) => T) => entries.map(value)
  const sizes = each(entry => (entry.type === 'directory' ? 4096 : bodyOf(entry).length))
  return [
    texts(
      tags.BASENAMES,
      each(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
    ),
    texts(tags.DIRNAMES, directories),
    numbers(
      tags.DIRINDEXES,
      each(({ path }) => directories.indexOf(directoryOf(path))),
    ),
    numbers(tags.SIZE, [sizes.reduce((total, size) => total + size, 0)]),
    numbers(more.FILESIZES, sizes),
    shorts(tags.FILEMODES, each(modeOf)),
    shorts(
      more.FILERDEVS,
      each(() => 0),
    ),
    numbers(
      more.FILEMTIMES,
      each(() => time),
    ),
    texts(
      more.FILEDIGESTS,
      each(entry => (entry.type === 'file' ? sha256(entry.bytes) : '')),
    ),
    numbers(more.FILEDIGESTALGO, [sha256Algorithm]),
    texts(
      more.FILELINKTOS,
      each(entry => (entry.type === 'symlink' ? entry.target : '')),
    ),
    numbers(
      tags.FILEFLAGS,
      each(() => 0),
    ),
    texts(
      more.FILEUSERNAME,
      each(() => 'root'),
    ),
    texts(
      more.FILEGROUPNAME,
      each(() => 'root'),
    ),
    numbers(
      more.FILEVERIFYFLAGS,
      each(() => verifyEverything),
    ),
    numbers(
      more.FILEDEVICES,
      each(() => 1),
    ),
    numbers(
      more.FILEINODES,
      each((_, i) => i + 1),
    ),
    texts(
      more.FILELANGS,
      each(() => ''),
    ),
  ]
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
