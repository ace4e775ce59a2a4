import type { ByteString, Digest, Name } from '../../model/index.ts'

/** A package that an input offers. */
export interface Candidate {
  /** Position of its input in `from`: the lower wins between equals. */
  input: number
  repository: Name
  name: ByteString
  version: ByteString
  /** Its own: may be the neutral one (`all`, `noarch`). */
  architecture: ByteString
  digest: Digest
  path: ByteString
}

/** Candidates by package name. */
export type CandidateIndex<C extends Candidate = Candidate> = Map<ByteString, C[]>

/** A dependency that no package of the inputs satisfies. */
export interface Unresolved {
  package: ByteString
  version: ByteString
  architecture: ByteString
  dependency: string
}

/** Puts a candidate under its name, unless the same input offers the same package already. */
export function addCandidate<C extends Candidate>(index: CandidateIndex<C>, candidate: C): void {
  const others = index.get(candidate.name)
  if (others === undefined) index.set(candidate.name, [candidate])
  else if (!others.some(other => isSame(other, candidate))) others.push(candidate)
}

function isSame(a: Candidate, b: Candidate): boolean {
  return a.input === b.input && isSamePackage(a, b)
}

/** Whether two candidates of one name are one package, which several inputs may offer. */
export function isSamePackage(a: Candidate, b: Candidate): boolean {
  return a.digest === b.digest && a.version === b.version && a.architecture === b.architecture
}

/** The packages whose path another one has with other bytes, and who rank lower: by preference, then by input. */
export function lesserOnes(packages: Iterable<Candidate>, prefer: readonly Name[]): Set<Digest> {
  const rank = (candidate: Candidate) => {
    const preferred = prefer.indexOf(candidate.repository)
    return preferred < 0 ? prefer.length + candidate.input : preferred
  }
  const holders = new Map<ByteString, Candidate>()
  const moved = new Set<Digest>()
  for (const candidate of packages) {
    const holder = holders.get(candidate.path)
    if (holder === undefined) holders.set(candidate.path, candidate)
    else if (holder.digest !== candidate.digest) {
      const [keeps, goes] = rank(candidate) < rank(holder) ? [candidate, holder] : [holder, candidate]
      holders.set(candidate.path, keeps)
      moved.add(goes.digest)
    }
  }
  return moved
}
