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

/** What was read from upstream: HTTP requests (redirects included), bytes of bodies, documents and blobs that came whole. */
export interface FetchCost {
  requests: number
  bytes: number
  files: number
}

/**
 * Reads from one upstream: a list of mirrors with one transport (credentials, proxy, limits). Keep-alive, bounded
 * concurrency, retry with backoff, per-file fail-over, resume by Range, rate limit. Errors name URL and reason, never
 * a credential. Shared by every format. Every call ends with `cancelled` soon after its signal is aborted or the fetcher is closed.
 */
export interface Fetcher {
  /** Base URLs without login and trailing slash: what `mirror` below takes, and answers name. */
  readonly mirrors: readonly string[]
  /**
   * A small document, whole in memory. `absent` when every mirror that was to be asked said 404 or 410. `mirror` restricts to one
   * mirror (so that a suite is read from one place); without it they are tried in order.
   * @throws YardError `unavailable` when no mirror gave it and one at least could not say; `invalid` when it is larger
   *   than `maxBytes` (no other mirror is tried) or the path could leave the mirror.
   */
  document(
    path: string,
    options: {
      maxBytes: number
      validators?: Validators | undefined
      mirror?: string | undefined
      /** Where access is refused it counts as absent: some servers say so of what they do not have. */
      refusedIsAbsent?: boolean | undefined
      signal?: AbortSignal | undefined
    },
  ): Promise<DocumentAnswer>
  /** One of the `pages` that the fetcher was made with: like `document`. */
  page(
    url: string,
    options: { maxBytes: number; validators?: Validators | undefined; signal?: AbortSignal | undefined },
  ): Promise<DocumentAnswer>
  /**
   * The same transport with other base URLs, which upstream named: they get no credentials unless they lie on a host that
   * the operator named. The same URLs give the same fetcher; what it costs is counted here, and it is closed with this one.
   */
  at(urls: readonly string[]): Fetcher
  /**
   * A body as it arrives from one mirror, unverified: whoever takes it checks it. Where it breaks off it is asked for again from
   * there, as often as attempts are allowed.
   * @throws YardError as `blob`; `damaged` when it is larger than `maxBytes`.
   */
  raw(
    path: string,
    options: { mirror: string; maxBytes: number; signal?: AbortSignal | undefined },
  ): AsyncIterable<Uint8Array>
  /**
   * Brings one blob into the store, verified and durable; resumes what an earlier attempt left. Returns false when it was here already.
   * Calls for one digest at the same time share one fetch, and what it returns; the fetch is aborted when all of them are.
   * A mirror whose bytes have another size or SHA-256 is not asked again for this blob, unless bytes from elsewhere were among them.
   * @throws YardError `incomplete` when every mirror says 404/410; `damaged` when every mirror that has it has other bytes, or
   *   a blob of that digest is here with another size; `unavailable` when one at least could not say; `no-space`;
   *   `invalid` when a path could leave the mirror; `cancelled` (what arrived stays for the next attempt).
   */
  blob(
    request: BlobRequest,
    blobs: Blobs,
    options?: { mirror?: string | undefined; signal?: AbortSignal | undefined },
  ): Promise<boolean>
  /**
   * Streams one blob while it is being fetched into the store: bytes come out as they arrive, the last chunk
   * (at least 1 byte, at most 64 KiB) is withheld until size and SHA-256 are verified and the blob is durable.
   * A reader that is slower than the network never slows other readers nor the fetch: one that comes late, falls 4 MiB
   * behind, or meets what an earlier attempt left, reads on from the store once the blob is there. Same errors as `blob`;
   * an error after the first chunk ends the stream by throwing (`damaged` also when bytes already sent were wrong and only
   * another mirror had the right ones).
   */
  stream(
    request: BlobRequest,
    blobs: Blobs,
    options?: { signal?: AbortSignal | undefined },
  ): AsyncIterable<Uint8Array>
  /**
   * Many blobs, `concurrency` at a time; goes on after a failure and reports every one. When nothing can come of it (the disk is
   * full, or nobody answered 64 times in a row) the rest is reported without being asked for. `onDone` is called once
   * for each that is here now.
   * @throws YardError `cancelled`; what iterating `requests` throws.
   */
  blobs(
    requests: Iterable<BlobRequest>,
    blobs: Blobs,
    options?: {
      mirror?: string | undefined
      signal?: AbortSignal | undefined
      onDone?: ((request: BlobRequest, fetched: boolean) => void) | undefined
    },
  ): Promise<{ request: BlobRequest; error: unknown }[]>
  /** What has been spent so far. */
  cost(): FetchCost
  /** Aborts what is under way and closes every connection. */
  close(): Promise<void>
}
