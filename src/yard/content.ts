import type { ByteString, FileEntry, Name, SnapshotRecord, Timestamp } from '../model/index.ts'

/** Which tree of a repository a URL means. */
export type ContentView =
  | { kind: 'snapshot'; timestamp: Timestamp }
  | { kind: 'latest' }
  | { kind: 'by-time'; timestamp: Timestamp }

export type Resolution =
  | {
      kind: 'file'
      entry: FileEntry
      /** The instant for Last-Modified: the snapshot's, or the move's for a sealed file. */
      modified: Timestamp
      /** The answer for this URL can never change. */
      immutable: boolean
    }
  | {
      kind: 'directory'
      immutable: boolean
      modified: Timestamp
      entries: { name: ByteString; directory: boolean; size?: number }[]
    }

/**
 * The read path: answers from refs, pages and blobs alone, never from the catalog, so that it works when the database,
 * the upstream and the control plane are gone. Hits and misses cost the same few page look-ups in memory.
 */
export interface Content {
  /** Undefined: no such path (or no such repository or snapshot). A path ending in `/`, or empty, asks for a directory. */
  resolve(repository: Name, view: ContentView, path: ByteString): Promise<Resolution | undefined>
  /**
   * The blob's bytes as a local file, or as a verified stream: a blob that is not here is fetched from upstream
   * (concurrent callers share one fetch) and its last bytes are withheld until its SHA-256 is proved.
   * @throws YardError `incomplete` when no upstream has it any more, `unavailable` when none answers.
   */
  open(
    repository: Name,
    view: ContentView,
    path: ByteString,
    entry: FileEntry,
  ): Promise<{ kind: 'file'; file: string } | { kind: 'stream'; stream: AsyncIterable<Uint8Array> }>
  /** The newest record (for setup files), or that of one snapshot. */
  record(repository: Name, view: ContentView): Promise<SnapshotRecord | undefined>
  /** Our signing key, ASCII-armoured; undefined when the view is upstream's own signature, then `upstreamKeys` says which. */
  publicKey(): Promise<string>
  /** The keyring (armoured) that verifies what this view serves: ours for composed repositories and `latest`, upstream's for dated mirrors; undefined for `trusted: true`. */
  keysFor(repository: Name, view: ContentView): Promise<string | undefined>
}
