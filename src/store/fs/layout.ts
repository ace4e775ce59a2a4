import { randomBytes } from 'node:crypto'
import type { Digest } from '../../model/index.ts'

/** Where everything of a store lies below its yard directory (src/store/README.md draws it). */
export interface Layout {
  readonly root: string
  readonly blobs: string
  readonly pages: string
  readonly refs: string
  readonly partial: string
  readonly locks: string
  readonly tmp: string
  blob(digest: Digest): string
  page(digest: Digest): string
  partialOf(digest: Digest): string
  /** A new name in `tmp/` that nobody else uses. */
  temporary(): string
}

/** Directories that only the yard's owner may look into: they hold unverified bytes and locks. */
export const privateMode = 0o700
/** Directories that may be served or read by others. */
export const publicMode = 0o755

export function layoutOf(root: string): Layout {
  const at = (name: string): string => `${root}/${name}`
  const own = randomBytes(8).toString('hex')
  let count = 0
  return {
    root,
    blobs: at('blobs'),
    pages: at('pages'),
    refs: at('refs'),
    partial: at('partial'),
    locks: at('locks'),
    tmp: at('tmp'),
    blob: digest => `${root}/blobs/${digest.slice(0, 2)}/${digest.slice(2)}`,
    page: digest => `${root}/pages/${digest.slice(0, 2)}/${digest.slice(2)}.zst`,
    partialOf: digest => `${root}/partial/${digest}`,
    temporary: () => `${root}/tmp/${own}-${count++}`,
  }
}
