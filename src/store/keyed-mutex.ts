/** Runs callers of one key one after the other, in the order they came; callers of different keys do not meet. */
export interface KeyedMutex<Key> {
  /** Resolves when it is the caller's turn, with the function that ends it. */
  acquire(key: Key): Promise<() => void>
  /** The same without waiting: undefined when somebody holds the key. */
  tryAcquire(key: Key): (() => void) | undefined
}

/** A mutex within this process. */
export function createKeyedMutex<Key>(): KeyedMutex<Key> {
  const waiting = new Map<Key, (() => void)[]>()

  function release(key: Key): void {
    const next = waiting.get(key)?.shift()
    if (next === undefined) waiting.delete(key)
    else next()
  }

  function onceReleasing(key: Key): () => void {
    let held = true
    return () => {
      if (held) release(key)
      held = false
    }
  }

  return {
    async acquire(key) {
      const queue = waiting.get(key)
      if (queue === undefined) waiting.set(key, [])
      else await new Promise<void>(resolve => queue.push(resolve))
      return onceReleasing(key)
    },
    tryAcquire(key) {
      if (waiting.has(key)) return undefined
      waiting.set(key, [])
      return onceReleasing(key)
    },
  }
}
