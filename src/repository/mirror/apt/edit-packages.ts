import type { AptSnapshot, ByteString, Digest } from '../../../model/index.ts'
import {
  countWithin,
  decodeFileEntry,
  type Edit,
  type EditResult,
  edit,
  emptyTree,
  lookup,
  packagePrefix,
  prefixRange,
} from '../../../tree/index.ts'
import type { Fetcher, IndexFile, SuiteReading } from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { entriesOfIndex, type IndexPlace } from '../../package-rows.ts'
import { pagesFor } from '../../pages-for.ts'
import { indexEdits } from './index-edits.ts'
import { fetchIndex, type Index, indexesOf, openIndex, openPlainIndex, plainIndex } from './read-indexes.ts'

/** Of a mirror, what decides which ranges its packages tree has. */
export interface Wanted {
  suites: ByteString[]
  fetcher: Fetcher
  signal: AbortSignal
}

/** A range of the packages tree: kept, or replaced by what an index says now. */
interface Plan {
  prefix: ByteString
  read?: { index: Index; variant: IndexFile; reading: SuiteReading }
}

/**
 * The new packages tree: the range of each changed index becomes what the index says now, unchanged indexes are kept,
 * and everything in between (suites, components, architectures that are wanted no more) goes. Where yesterday's index is
 * still here, only what differs between the two is read.
 */
export async function editPackages(
  context: RepositoryContext,
  previous: AptSnapshot | undefined,
  readings: SuiteReading[],
  wanted: Wanted,
): Promise<EditResult> {
  const plans = await plansFor(context, previous, readings, wanted)
  const old = previous?.packages ?? emptyTree('packages').digest
  const counts = new Map<ByteString, number>()
  const pages = pagesFor(context, previous)
  const result = await edit(pages, old, treeEdits(context, previous, plans, counts))
  // An index that lists a package twice cannot be told by what changed in it.
  for (const [prefix, count] of counts)
    if ((await countWithin(context.trees, result.root, prefixRange(prefix))) !== count)
      return edit(pages, old, treeEdits(context, undefined, plans, new Map()))
  return result
}

async function plansFor(
  context: RepositoryContext,
  previous: AptSnapshot | undefined,
  readings: SuiteReading[],
  { suites, fetcher, signal }: Wanted,
): Promise<Plan[]> {
  const changed = new Set(readings.map(reading => reading.suite))
  const kept = suites.filter(suite => !changed.has(suite))
  const plans: Plan[] = kept.flatMap(suite =>
    ['deb', 'deb-src'].map(family => ({ prefix: packagePrefix(family, suite) })),
  )
  const planFor = async (index: Index, reading: SuiteReading): Promise<Plan> => {
    const prefix = packagePrefix(index.family, reading.suite, index.component, index.architecture)
    if (await isUnchanged(context, previous, index, reading)) return { prefix }
    return {
      prefix,
      read: { index, variant: await fetchIndex(context, fetcher, index, reading, signal), reading },
    }
  }
  const indexes = readings.flatMap(reading => indexesOf(reading).map(index => planFor(index, reading)))
  plans.push(...(await Promise.all(indexes)))
  return plans.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
}

/** Does the old files tree hold one of the index's variants with the same bytes? Then its packages are the same. */
async function isUnchanged(
  context: RepositoryContext,
  previous: AptSnapshot | undefined,
  index: Index,
  reading: SuiteReading,
): Promise<boolean> {
  if (previous === undefined || !previous.suites.some(({ suite }) => suite === reading.suite)) return false
  for (const { path, sha256 } of index.variants)
    if ((await digestAt(context, previous.files, path)) === sha256) return true
  return false
}

async function digestAt(
  context: RepositoryContext,
  files: Digest,
  path: ByteString,
): Promise<Digest | undefined> {
  const value = await lookup(context.trees, files, path)
  return value === undefined ? undefined : decodeFileEntry(value).sha256
}

/** `counts` learns how many entries each range must have in the end whose change was told by its index's change. */
async function* treeEdits(
  context: RepositoryContext,
  previous: AptSnapshot | undefined,
  plans: Plan[],
  counts: Map<ByteString, number>,
): AsyncGenerator<Edit> {
  let from: ByteString | undefined = ''
  for (const { prefix, read } of plans) {
    const range = prefixRange(prefix)
    yield { from: from ?? '', to: range.from, entries: [] }
    from = range.to
    if (read === undefined) continue
    const { index, variant, reading } = read
    const place = placeOf(index, reading)
    const before = previous && (await oldIndex(context, previous, index))
    const changed =
      before && (await indexEdits(before, openPlainIndex(context, index, variant), place, variant.path))
    if (changed !== undefined) {
      counts.set(prefix, changed.count)
      yield* changed.edits
    } else {
      const bytes = await plainIndex(context, index, variant)
      yield { ...range, entries: entriesOfIndex(bytes, place, variant.path) }
    }
  }
  yield { from: from ?? '', to: undefined, entries: [] }
}

function placeOf({ family, component, architecture }: Index, { suite }: SuiteReading): IndexPlace {
  return { family, suite, component, architecture }
}

/** The index as the previous snapshot has it, uncompressed, where it is here. */
async function oldIndex(
  context: RepositoryContext,
  previous: AptSnapshot,
  index: Index,
): Promise<AsyncIterable<Buffer> | undefined> {
  for (const { path } of index.variants) {
    const digest = await digestAt(context, previous.files, path)
    if (digest !== undefined && (await context.blobs.size(digest)) !== undefined)
      return openIndex(context, path, digest)
  }
  return undefined
}
