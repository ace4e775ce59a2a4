/**
 * Small canonical files under `/`-separated names (`repositories/debian/latest.json`), replaced atomically: a reader
 * sees the old bytes or the new ones, durable once the call resolves. At most 16 MiB each. Names follow `pathFault`, in
 * printable ASCII; no name is also a directory of others (`a` and `a/b`).
 * Every method throws YardError `invalid` for a name that breaks these rules; the codes `no-space` and `unavailable` are
 * those of Blobs.
 */
export interface Refs {
  /** The ref's bytes as text, or undefined when there is none. @throws YardError `damaged` when it is not UTF-8. */
  read(name: string): Promise<string | undefined>
  /** Creates or replaces. @throws YardError `invalid` when the text is larger than 16 MiB. */
  write(name: string, text: string): Promise<void>
  /** Creates. @throws YardError `exists` when the name is taken: of several callers at once, exactly one succeeds. */
  create(name: string, text: string): Promise<void>
  /** Idempotent. */
  remove(name: string): Promise<void>
  /**
   * Names directly under a prefix directory (`''` for the root), of refs and of directories of refs, sorted by their
   * bytes, without the prefix. A directory that does not exist has none. Another process's change shows at the next
   * call; repeated calls without a change are cheap enough for a server to make one a request.
   */
  list(directory: string): Promise<string[]>
}

/** The most bytes that a ref may have. */
export const maximumRefBytes = 16 * 1024 * 1024
