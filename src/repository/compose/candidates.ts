import { readPackageStanza } from '../../formats/index.ts'
import type { ByteString, Digest, Name, SnapshotRecord } from '../../model/index.ts'
import { leaves, packagePrefix, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'

/** A package that an input offers. */
export interface Candidate {
  /** Position of its input in `from`: the lower wins between equals. */
  input: number
  repository: Name
  name: ByteString
  version: ByteString
  /** Its own: may be `all`. */
  architecture: ByteString
  digest: Digest
  path: ByteString
  size: number
  /** The stanza's exact bytes. */
  stanza: Buffer
}

/** Candidates by package name. */
export type CandidateIndex = Map<ByteString, Candidate[]>

/** Every binary package that the inputs offer for the wanted architectures, each (name, version, architecture, digest) once an input. */
export async function readCandidates(
  context: RepositoryContext,
  inputs: SnapshotRecord[],
  architectures: ByteString[],
): Promise<CandidateIndex> {
  const index: CandidateIndex = new Map()
  const wanted = new Set([...architectures, 'all'])
  for (const [input, record] of inputs.entries())
    for await (const leaf of leaves(context.trees, record.packages, prefixRange(packagePrefix('deb'))))
      for (const { value } of leaf) {
        const stanza = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        const { name, version, architecture, sha256, filename, size } = readPackageStanza(
          stanza,
          record.repository,
        )
        if (!wanted.has(architecture)) continue
        const candidate: Candidate = {
          input,
          repository: record.repository,
          name,
          version,
          architecture,
          digest: sha256,
          path: filename,
          size,
          stanza,
        }
        const others = index.get(name)
        if (others === undefined) index.set(name, [candidate])
        else if (!others.some(other => isSame(other, candidate))) others.push(candidate)
      }
  return index
}

function isSame(a: Candidate, b: Candidate): boolean {
  return a.digest === b.digest && a.version === b.version && a.architecture === b.architecture
}
