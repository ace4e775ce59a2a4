import type { ByteString, SnapshotRecord } from '../../../model/index.ts'
import { decodePackageKey, leaves, packagePrefix, prefixRange } from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { fragmentsOfValue, readListing, sourceOfListing } from '../../rpm-listings.ts'
import { addCandidate, type Candidate, type CandidateIndex } from '../candidate.ts'

/** A package as an RPM repository lists it. Its fragments stay in the input's tree: there are tens of thousands. */
export interface DnfCandidate extends Candidate {
  /** Its key in the input's packages tree. */
  key: ByteString
  /** The name of its source package; empty unless it was asked for. */
  source: ByteString
  /** The checksum by which filelists.xml and other.xml name it. */
  pkgid: string
}

/** Every package that the inputs offer for the wanted architectures (all, when none is named) and the neutral one. */
export async function readCandidates(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  architectures: readonly ByteString[],
  withSources: boolean,
): Promise<CandidateIndex<DnfCandidate>> {
  const index: CandidateIndex<DnfCandidate> = new Map()
  const wanted = architectures.length === 0 ? undefined : new Set([...architectures, 'noarch'])
  for (const [input, record] of inputs.entries())
    for await (const leaf of leaves(context.trees, record.packages, prefixRange(packagePrefix('rpm'))))
      for (const { key, value } of leaf) {
        const { name, version, architecture, digest } = decodePackageKey(key)
        if (wanted !== undefined && !wanted.has(architecture)) continue
        const { repository } = record
        const fragment = fragmentsOfValue(value)[0]!
        const { path, checksum } = readListing(fragment, repository)
        const source = withSources ? sourceOfListing(fragment, repository) : ''
        const pkgid = checksum.hex
        addCandidate(index, {
          input,
          repository,
          name,
          version,
          architecture,
          digest,
          path,
          key,
          source,
          pkgid,
        })
      }
  return index
}
