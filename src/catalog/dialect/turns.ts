/** Runs asynchronous work one after the other, in the order of the calls; a failure does not stop the next. */
export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when everything taken so far is over. */
  idle(): Promise<void>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(work) {
      const turn = last.then(work)
      last = turn.catch(() => {})
      return turn
    },
    async idle() {
      await last
    },
  }
}
