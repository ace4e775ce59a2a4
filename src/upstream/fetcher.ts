import type { Digest } from '../model/index.ts'
import type { Blobs } from '../store/index.ts'

/** What HTTP said about a document the last time, to ask "only if it changed" (RFC 9110, 13.1). */
export interface Validators {
  etag?: string
  lastModified?: string
}

export type DocumentAnswer =
  | { kind: 'document'; bytes: Buffer; validators: Validators; mirror: string }
  | { kind: 'not-modified'; mirror: string }
  | { kind: 'absent' }

/** A blob that metadata named: any of `paths` (tried in order: by-hash first) gives `size` bytes with that SHA-256. */
export interface BlobRequest {
  /** Relative to each mirror's base URL, as byte strings; encoded for the URL by the fetcher. */
  paths: string[]
  digest: Digest
  size: number
}

export interface FetchCost {
  requests: number
  bytes: number
  files: number
}

/**
 * Reads from one upstream: a list of mirrors with one transport (credentials, proxy, limits). Keep-alive, bounded
 * concurrency, retry with backoff, per-file fail-over, resume by Range, rate limit. Errors name URL and reason, never
 * a credential. Shared by every format.
 */
export interface Fetcher {
  readonly mirrors: readonly string[]
  /**
   * A small document, whole in memory. 404 and 410 are `absent`. `mirror` restricts to one mirror (so that a suite is
   * read from one place); without it they are tried in order.
   * @throws YardError `unavailable` when nobody answers; `invalid` when it is larger than `maxBytes`.
   */
  document(
    path: string,
    options: {
      maxBytes: number
      validators?: Validators | undefined
      mirror?: string | undefined
      signal?: AbortSignal | undefined
    },
  ): Promise<DocumentAnswer>
  /**
   * Brings one blob into the store, verified and durable; resumes what an earlier attempt left. Returns false when it was here already.
   * Calls for one digest at the same time share one fetch.
   * @throws YardError `incomplete` when every mirror says 404/410; `damaged` when every mirror's bytes differ;
   *   `unavailable` otherwise; `no-space`; `cancelled`.
   */
  blob(
    request: BlobRequest,
    blobs: Blobs,
    options?: { mirror?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<boolean>
  /**
   * Streams one blob while it is being fetched into the store: bytes come out as they arrive, the last chunk
   * (at least 1 byte, at most 64 KiB) is withheld until size and SHA-256 are verified and the blob is durable.
   * A reader that is slower than the network never slows other readers nor the fetch. Same errors as `blob`; an error after the first chunk ends the stream by throwing.
   */
  stream(
    request: BlobRequest,
    blobs: Blobs,
    options?: { signal?: AbortSignal | undefined },
  ): AsyncIterable<Uint8Array>
  /** Many blobs, `concurrency` at a time; goes on after a failure and reports every one. `onDone` is called once a blob. */
  blobs(
    requests: Iterable<BlobRequest>,
    blobs: Blobs,
    options?: {
      mirror?: string | undefined
      signal?: AbortSignal | undefined
      onDone?: (request: BlobRequest, fetched: boolean) => void
    },
  ): Promise<{ request: BlobRequest; error: unknown }[]>
  /** What has been spent so far. */
  cost(): FetchCost
  close(): Promise<void>
}
