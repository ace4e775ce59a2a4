/** Makes something at the first call. A promise that failed is forgotten, so that the next caller tries again. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  const made = oncePer<'', T>()
  return () => made.get('', make)
}

/** Things of which each is made once, by key; one that failed is made again for the next caller. */
export interface OncePer<Key, T> {
  get(key: Key, make: () => Promise<T>): Promise<T>
  /** All that were made and those that are being made. */
  all(): Promise<T>[]
}

export function oncePer<Key, T>(): OncePer<Key, T> {
  const made = new Map<Key, Promise<T>>()
  return {
    get(key, make) {
      const known = made.get(key)
      if (known !== undefined) return known
      const making = make().catch(error => {
        made.delete(key)
        throw error
      })
      made.set(key, making)
      return making
    },
    all: () => [...made.values()],
  }
}
