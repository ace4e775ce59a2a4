import { readPackageStanza } from '../../../formats/index.ts'
import type { ByteString, SnapshotRecord } from '../../../model/index.ts'
import { leaves, packagePrefix, prefixRange } from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { addCandidate, type Candidate, type CandidateIndex } from '../candidate.ts'

/** A package as an APT repository lists it. */
export interface AptCandidate extends Candidate {
  source: ByteString
  /** The stanza's exact bytes. */
  stanza: Buffer
}

/** Every binary package that the inputs offer for the wanted architectures, each (name, version, architecture, digest) once an input. */
export async function readCandidates(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  architectures: readonly ByteString[],
): Promise<CandidateIndex<AptCandidate>> {
  const index: CandidateIndex<AptCandidate> = new Map()
  const wanted = new Set([...architectures, 'all'])
  for (const [input, record] of inputs.entries())
    for await (const leaf of leaves(context.trees, record.packages, prefixRange(packagePrefix('deb'))))
      for (const { value } of leaf) {
        const stanza = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        const { name, version, architecture, sha256, filename, source } = readPackageStanza(
          stanza,
          record.repository,
        )
        if (wanted.has(architecture))
          addCandidate(index, {
            input,
            repository: record.repository,
            name,
            version,
            architecture,
            digest: sha256,
            path: filename,
            source,
            stanza,
          })
      }
  return index
}
