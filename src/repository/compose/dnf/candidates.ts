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

export interface CandidateWishes {
  /** All, when none is named; the neutral one always comes along. */
  architectures: readonly ByteString[]
  withSources: boolean
  /** Is shown the fragment of every candidate, once. It may share memory with the next one. */
  seen?: ((candidate: DnfCandidate, fragment: Buffer) => void) | undefined
}

/** Every package that the inputs offer for the wanted architectures. */
export async function readCandidates(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  { architectures, withSources, seen }: CandidateWishes,
): Promise<CandidateIndex<DnfCandidate>> {
  const index: CandidateIndex<DnfCandidate> = new Map()
  const wanted = architectures.length === 0 ? undefined : new Set([...architectures, 'noarch'])
  for (const [input, { repository, packages }] of inputs.entries())
    for await (const leaf of leaves(context.trees, packages, prefixRange(packagePrefix('rpm'))))
      for (const { key, value } of leaf) {
        const { name, version, architecture, digest, component } = decodePackageKey(key)
        if (wanted !== undefined && !wanted.has(architecture)) continue
        const fragment = fragmentsOfValue(value)[0]!
        const { path, checksum } = readListing(fragment, repository, component)
        const candidate: DnfCandidate = {
          input,
          repository,
          name,
          version,
          architecture,
          digest,
          path,
          key,
          source: withSources ? sourceOfListing(fragment, repository) : '',
          pkgid: checksum.hex === digest ? digest : checksum.hex,
        }
        addCandidate(index, candidate)
        seen?.(candidate, fragment)
      }
  return index
}
