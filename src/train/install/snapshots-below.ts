import { homeOf, type SnapshotName, type SnapshotRecord } from '../../model/index.ts'

/**
 * The snapshots that others were made from, directly or not, as far as they are still listed. A derived one is, but for some
 * packages, the first that it was derived from. Of what is asked for itself no other snapshot is told.
 */
export async function snapshotsBelow(
  records: readonly SnapshotRecord[],
  find: (name: SnapshotName) => Promise<SnapshotRecord | undefined>,
): Promise<SnapshotRecord[]> {
  const own = new Set(records.map(homeOf))
  const found = new Map<string, SnapshotRecord>()
  const left = records.flatMap(inputsOf)
  for (const name of left) {
    const key = `${name.repository}@${name.timestamp}`
    const record = found.has(key) ? undefined : await find(name)
    if (record === undefined) continue
    found.set(key, record)
    left.push(...inputsOf(record))
  }
  return [...found.values()].filter(record => !own.has(homeOf(record)))
}

function inputsOf({ inputs = [], derived }: SnapshotRecord): SnapshotName[] {
  return derived === undefined ? inputs : inputs.slice(0, 1)
}
