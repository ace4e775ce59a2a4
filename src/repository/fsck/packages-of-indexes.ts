import { isYardError, type SnapshotRecord, YardError } from '../../model/index.ts'
import { packagePrefix, prefixRange } from '../../tree/index.ts'
import { fetcherFor } from '../fetcher-for.ts'
import { type Index, indexesOf, plainIndex, requestFor } from '../mirror/apt/read-indexes.ts'
import { entriesOfIndex } from '../package-rows.ts'
import type { Source } from './fill-gaps.ts'
import { type Check, nameOf } from './report.ts'
import type { SuiteGuess } from './suite-guesses.ts'

/** The entries of a packages tree as the snapshot's indexes list them; only the indexes that a range needs are read. */
export function packagesOfIndexes(check: Check, record: SnapshotRecord, guess: SuiteGuess[]): Source {
  const indexes = guess.flatMap(suite =>
    indexesOf(suite).map(index => {
      const { family, component, architecture } = index
      const place = { family, suite: suite.suite, component, architecture }
      const prefix = packagePrefix(family, suite.suite, component, architecture)
      return { suite, index, place, prefix, range: prefixRange(prefix) }
    }),
  )
  indexes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
  return async function* ({ from = '', to }) {
    const isBelowEnd = (key: string) => to === undefined || key < to
    for (const { suite, index, place, range } of indexes) {
      if (!isBelowEnd(range.from) || (range.to !== undefined && range.to <= from)) continue
      const bytes = await bytesOf(check, record, suite, index)
      for (const entry of entriesOfIndex(bytes, place, index.stem))
        if (entry.key >= from && isBelowEnd(entry.key)) yield entry
    }
  }
}

/** The uncompressed index, out of any variant that is here and whole, else from upstream. */
async function bytesOf(
  { context, job }: Check,
  record: SnapshotRecord,
  { release }: SuiteGuess,
  index: Index,
): Promise<Buffer> {
  for (const variant of index.variants) {
    if ((await context.blobs.size(variant.sha256)) === undefined) continue
    try {
      return await plainIndex(context, index, variant)
    } catch (error) {
      if (!isYardError(error, 'damaged')) throw error
      await context.blobs.remove(variant.sha256)
    }
  }
  const mirror = context.configuration.repositories.get(record.repository)
  if (mirror?.kind === 'mirror')
    for (const variant of index.variants)
      try {
        const request = requestFor(variant, release.acquireByHash)
        await (await fetcherFor(context, mirror)).blob(request, context.blobs, { signal: job.signal })
        return await plainIndex(context, index, variant)
      } catch (error) {
        if (!isYardError(error, 'incomplete')) throw error
      }
  throw new YardError(
    'incomplete',
    `${index.stem} of ${nameOf(record)} is neither here nor upstream any more`,
  )
}
