/**
 * Does work of one kind together: what is asked for while some is under way waits, and is done in one go after it, at most `most` at a
 * time.
 * @param work answers each in its place; when it throws, all that it was given fails.
 */
export function inBatches<T, R>(
  most: number,
  work: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  const waiting: { item: T; settle: PromiseWithResolvers<R> }[] = []
  let underWay = false

  async function run(): Promise<void> {
    underWay = true
    while (waiting.length > 0) {
      await oneTurn()
      const batch = waiting.splice(0, most)
      try {
        const answers = await work(batch.map(({ item }) => item))
        for (const [index, { settle }] of batch.entries()) settle.resolve(answers[index]!)
      } catch (error) {
        for (const { settle } of batch) settle.reject(error)
      }
    }
    underWay = false
  }

  return item => {
    const settle = Promise.withResolvers<R>()
    waiting.push({ item, settle })
    if (!underWay) void run()
    return settle.promise
  }
}

/**
 * Lets the event loop look once for what has come: a commit to SQLite stops the whole process while the disk writes, and without a
 * look the next batch would be the one or two who had asked before. The first callback still runs before that look.
 */
function oneTurn(): Promise<void> {
  return new Promise(resolve => setImmediate(() => setImmediate(resolve)))
}
