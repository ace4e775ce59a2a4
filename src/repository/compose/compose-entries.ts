import type { ComposeConfiguration } from '../../config/index.ts'
import { replaceField, withoutField } from '../../formats/index.ts'
import type { ByteString, Digest } from '../../model/index.ts'
import { type Entry, encodePackageKey } from '../../tree/index.ts'
import type { Candidate } from './candidates.ts'
import { movedPath } from './moved-paths.ts'
import { fits } from './select.ts'

/**
 * The packages tree of a composed repository: every selected package in each architecture's index it belongs to, its
 * stanza as upstream wrote it. Where two inputs hold different bytes under one path, the lesser one moves; phasing is
 * stripped when asked. Sorted by key.
 */
export function composedEntries(packages: Candidate[], compose: ComposeConfiguration): Entry[] {
  const moved = lesserOnes(packages, compose)
  const entries = packages.flatMap(candidate => {
    const value = stanzaOf(candidate, moved, compose)
    return compose.architectures
      .filter(architecture => fits(candidate, architecture))
      .map(architecture => ({ key: keyOf(candidate, architecture, compose), value }))
  })
  return entries
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .filter((entry, i, all) => entry.key !== all[i - 1]?.key)
}

function keyOf(candidate: Candidate, architecture: ByteString, compose: ComposeConfiguration): ByteString {
  const { name, version, digest } = candidate
  return encodePackageKey({
    family: 'deb',
    suite: compose.suite,
    component: compose.component,
    architecture,
    name,
    version,
    digest,
  })
}

function stanzaOf(candidate: Candidate, moved: Set<Digest>, compose: ComposeConfiguration): Buffer {
  const stanza = moved.has(candidate.digest)
    ? replaceField(candidate.stanza, 'Filename', movedPath(candidate.path, candidate.digest))
    : candidate.stanza
  return compose.phasing === 'strip' ? withoutField(stanza, 'Phased-Update-Percentage') : stanza
}

/** The packages whose path another one has with other bytes, and who rank lower: by preference, then by input. */
function lesserOnes(packages: Candidate[], compose: ComposeConfiguration): Set<Digest> {
  const rank = (candidate: Candidate) => {
    const preferred = compose.prefer.indexOf(candidate.repository)
    return preferred < 0 ? compose.prefer.length + candidate.input : preferred
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
