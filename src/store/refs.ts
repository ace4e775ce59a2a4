/**
 * Small canonical files under `/`-separated names (`repositories/debian/latest.json`), replaced atomically: a reader
 * sees the old bytes or the new ones, durable once the call resolves. At most 16 MiB each. Names follow `pathFault`.
 */
export interface Refs {
  /** The ref's bytes as text, or undefined when there is none. */
  read(name: string): Promise<string | undefined>
  /** Creates or replaces. */
  write(name: string, text: string): Promise<void>
  /** Creates. @throws YardError `exists` when the name is taken. */
  create(name: string, text: string): Promise<void>
  /** Idempotent. */
  remove(name: string): Promise<void>
  /**
   * Names directly under a prefix directory, sorted, without the prefix. Another process's change shows within a
   * second; repeated calls without a change are cheap enough for a server to make one a request.
   */
  list(directory: string): Promise<string[]>
}
