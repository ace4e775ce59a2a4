import type { ByteString, Digest } from '../model/index.ts'

/** What a tree is made for; the kinds differ in the size that their leaf pages aim at. */
export type TreeKind = 'files' | 'packages'

/** One entry of a tree. The value is opaque to it. */
export interface Entry {
  key: ByteString
  value: Uint8Array
}

/** How a page names one below it: its last key, its name, and the number of entries beneath. */
export interface PageRef {
  key: ByteString
  digest: Digest
  count: number
}

export type Page = LeafPage | InnerPage

interface PageBase {
  kind: TreeKind
  /** Entries beneath, on all levels. */
  count: number
  /** Ascending: of entries, or the last one of each child. */
  keys: ByteString[]
  /** The page as it is stored. */
  bytes: Uint8Array
}

export interface LeafPage extends PageBase {
  leaf: true
  level: 0
  /** Where value i begins and ends in `bytes`, at 2i and 2i + 1. */
  extents: Uint32Array
}

export interface InnerPage extends PageBase {
  leaf: false
  /** Distance from the leaves, from 1 on. */
  level: number
  children: PageRef[]
}

/** Bounds of the format (docs/format/tree.md, "Limits"). */
export const limits = { key: 16_383, value: 16_777_216, level: 63 } as const

/** The format's version: the first byte of every page. */
export const formatVersion = 1

/** The second byte of every page. */
export const kindBytes = { files: 1, packages: 2 } as const

/** Value `i` of a leaf, as a view of the page: it must not be changed, and keeps the page's bytes alive. */
export function valueAt(page: LeafPage, i: number): Uint8Array {
  const start = page.extents[2 * i]!
  return new Uint8Array(page.bytes.buffer, page.bytes.byteOffset + start, page.extents[2 * i + 1]! - start)
}

/** Index of the first key that is not below `key`; the number of keys when all are. */
export function lowerBound(keys: ByteString[], key: ByteString): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
