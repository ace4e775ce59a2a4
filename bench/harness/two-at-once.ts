/** The results of work on each item, in their order; two are under way at once, as many as the smallest machine has cores. */
export async function twoAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length)
  let next = 0
  async function lane(): Promise<void> {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!)
  }
  await Promise.all([lane(), lane()])
  return results
}
