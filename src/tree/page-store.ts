import type { Digest } from '../model/index.ts'

/**
 * Where pages come from. `read` returns exactly the bytes whose SHA-256 is `digest`, verified, or throws YardError
 * `damaged` (bytes differ) or `not-found`; the caller must not change them. May be called concurrently.
 */
export interface PageReader {
  read(digest: Digest): Promise<Uint8Array>
}

/** A page to be kept: its canonical bytes, and their SHA-256. */
export interface NewPage {
  digest: Digest
  bytes: Uint8Array
}

/**
 * Where new pages go. `write` keeps every page (bytes of a page in canonical encoding, named by their SHA-256) and
 * resolves once all are durable; a page that is already there costs a look, not a write.
 * Returns what was really new, so that the cost of a change can be shown.
 */
export interface PageWriter {
  write(pages: NewPage[]): Promise<{ pages: number; storedBytes: number }>
}

export interface PageStore extends PageReader, PageWriter {}
