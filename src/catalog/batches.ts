import { setImmediate } from 'node:timers/promises'

/** Rows of one statement: few enough that a batch takes some milliseconds, enough that its overhead does not show. */
const batchSize = 1000

/**
 * The items in arrays of at most 1,000. After each one the event loop gets a turn, because SQLite works on the thread
 * that serves everything else.
 */
export async function* inBatches<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T[]> {
  if (Symbol.iterator in items) yield* withPauses(syncBatches(items))
  else yield* withPauses(asyncBatches(items))
}

async function* withPauses<T>(batches: Iterable<T[]> | AsyncIterable<T[]>): AsyncGenerator<T[]> {
  for await (const batch of batches) {
    yield batch
    if (batch.length === batchSize) await setImmediate()
  }
}

/** Apart from its asynchronous twin, because a promise for each of 60,000 rows takes longer than storing them. */
function* syncBatches<T>(items: Iterable<T>): Generator<T[]> {
  let batch: T[] = []
  for (const item of items) {
    if (batch.push(item) < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function* asyncBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = []
  for await (const item of items) {
    if (batch.push(item) < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** Repeats a statement that changes at most `limit` rows until none is left. */
export async function untilDone(statement: (limit: number) => Promise<number>): Promise<void> {
  while ((await statement(batchSize)) === batchSize) await setImmediate()
}
