import type { PackageBytes } from '../../catalog/index.ts'
import {
  type ByteString,
  millisecondsOf,
  type Name,
  type SnapshotRecord,
  type Timestamp,
} from '../../model/index.ts'
import { readSnapshot } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'

/** Since when a package is known to be public, and in which suites of the upstreams it stands. */
export interface Known {
  since: Timestamp
  suites: Set<ByteString>
}

/**
 * By `keyOf`: when each package was first seen in a repository, or in any that it is made from. A mirror's first sight is as old as the
 * metadata in which it was seen, whose own date says that it was public then. A package that none of them ever had is absent.
 */
export async function firstSeen(
  context: TrainContext,
  record: SnapshotRecord,
  packages: readonly PackageBytes[],
): Promise<Map<string, Known>> {
  const catalog = await context.catalog()
  const known = new Map<string, Known>()
  const dates = new Map<string, Timestamp>()
  for (const repository of await originsOf(context, record))
    for (const { suite, first, ...one } of await catalog.firstSeen(repository, packages)) {
      const place = `${repository} ${suite} ${first}`
      const since = dates.get(place) ?? (await dateOf(context, repository, suite, first))
      dates.set(place, since)
      const before = known.get(keyOf(one))
      known.set(keyOf(one), {
        since: before === undefined || since < before.since ? since : before.since,
        suites: new Set([...(before?.suites ?? []), suite]),
      })
    }
  return known
}

export function keyOf({ name, version, digest }: PackageBytes): string {
  return `${name}\0${version}\0${digest}`
}

/** The repository itself, and all that it is made from, as far as they are known. */
async function originsOf(context: TrainContext, record: SnapshotRecord): Promise<Set<Name>> {
  const names = new Set<Name>([record.repository])
  const open = [record]
  for (let one = open.pop(); one !== undefined; one = open.pop())
    for (const { repository, timestamp } of one.inputs ?? []) {
      if (names.has(repository)) continue
      names.add(repository)
      const input = await readSnapshot(context.refs, repository, timestamp)
      if (input !== undefined) open.push(input)
    }
  return names
}

/** The date of the metadata that brought it, where a mirror still has that snapshot; else when we saw it. */
async function dateOf(
  context: TrainContext,
  repository: Name,
  suite: ByteString,
  first: Timestamp,
): Promise<Timestamp> {
  const record = await readSnapshot(context.refs, repository, first)
  if (record?.kind !== 'mirror') return first
  const dates =
    record.format === 'apt'
      ? record.suites.filter(one => one.suite === suite).map(({ date }) => date)
      : record.repodata.map(({ date }) => date)
  // Repositories of several directories share a suite's name: the youngest date is the one that surely had it.
  const date = dates.toSorted().at(-1)
  return date === undefined || millisecondsOf(date) > millisecondsOf(first) ? first : date
}
