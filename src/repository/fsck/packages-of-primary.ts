import { type ByteString, isYardError, type SnapshotRecord, YardError } from '../../model/index.ts'
import type { Entry } from '../../tree/index.ts'
import { fetcherFor } from '../fetcher-for.ts'
import { documentFragments } from '../mirror/dnf/primary-fragments.ts'
import { digestOfListing, listingKey, readListing, valueOfFragments } from '../rpm-listings.ts'
import { blobsByChecksum } from './blobs-by-checksum.ts'
import type { RepodataGuess } from './repodata-guesses.ts'
import { type Check, nameOf } from './report.ts'

/**
 * The entries of a mirrored packages tree as the snapshot's primary.xml files list them, sorted. A primary.xml that is lost or
 * damaged is fetched again.
 * @throws YardError `incomplete` when upstream has it no more, or a package without SHA-256 is not here.
 */
export async function packagesOfPrimary(
  check: Check,
  record: SnapshotRecord,
  guess: RepodataGuess[],
): Promise<Entry[]> {
  const fragments = new Map<ByteString, Buffer[]>()
  const bySum = blobsByChecksum(check.context)
  for (const { directory, primary } of guess) {
    if (primary === undefined) continue
    for (const fragment of await wholeFragments(check, record, primary)) {
      const listing = readListing(fragment, primary.path, directory)
      const digest = digestOfListing(listing) ?? (await bySum.find(listing.checksum, listing.size))?.sha256
      if (digest === undefined)
        throw new YardError(
          'incomplete',
          `${nameOf(record)}: ${listing.path} is named by ${listing.checksum.algorithm} only, and it is not here`,
        )
      const key = listingKey('rpm', { ...listing, directory }, digest)
      fragments.set(key, [...(fragments.get(key) ?? []), fragment])
    }
  }
  return [...fragments.keys()].sort().map(key => ({ key, value: valueOfFragments(fragments.get(key)!) }))
}

async function wholeFragments(
  { context, job }: Check,
  record: SnapshotRecord,
  primary: NonNullable<RepodataGuess['primary']>,
): Promise<Buffer[]> {
  const read = async () => {
    const fragments: Buffer[] = []
    for await (const fragment of documentFragments(context, primary, 'primary'))
      fragments.push(Buffer.from(fragment))
    return fragments
  }
  try {
    return await read()
  } catch (error) {
    if (!isYardError(error, 'not-found', 'damaged', 'invalid')) throw error
  }
  const mirror = context.configuration.repositories.get(record.repository)
  if (mirror?.kind !== 'mirror')
    throw new YardError('incomplete', `${primary.path} of ${nameOf(record)} is not here, and has no upstream`)
  await context.blobs.remove(primary.digest)
  const { path, digest, size } = primary
  await (await fetcherFor(context, mirror)).blob({ paths: [path], digest, size }, context.blobs, {
    signal: job.signal,
  })
  return read()
}
