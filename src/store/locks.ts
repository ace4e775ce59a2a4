/** Mutual exclusion over all processes that use a yard; a lock dies with its process. */
export interface Locks {
  /**
   * Takes the lock of that name (any text up to 80 bytes), or gives undefined at once when somebody else holds it, in
   * this process or another (`waitMilliseconds` > 0: after waiting that long). Not re-entrant, not fair.
   */
  acquire(name: string, waitMilliseconds?: number): Promise<Lock | undefined>
  /** Who holds the lock at this moment, for a message; undefined when nobody does or it is not known. */
  holder(name: string): Promise<LockHolder | undefined>
}

export interface Lock {
  /** Idempotent. */
  release(): void
}

export interface LockHolder {
  host: string
  pid: number
  /** When it was taken, in milliseconds since the epoch. */
  since: number
}
