/** Mutual exclusion over all processes that use a yard; a lock dies with its process. */
export interface Locks {
  /**
   * Takes the lock of that name, or gives undefined at once when somebody else holds it
   * (`waitMilliseconds` > 0: after waiting that long).
   */
  acquire(name: string, waitMilliseconds?: number): Promise<Lock | undefined>
}

export interface Lock {
  release(): void
}
