import type { AptOutput, ComposeConfiguration } from '../../../config/index.ts'
import { replaceField, withoutField } from '../../../formats/index.ts'
import type { ByteString, Digest } from '../../../model/index.ts'
import { type Entry, encodePackageKey } from '../../../tree/index.ts'
import { lesserOnes } from '../candidate.ts'
import { movedPath } from '../moved-paths.ts'
import type { AptCandidate } from './candidates.ts'
import { fits } from './rules.ts'

/**
 * The packages tree of a composed repository: every selected package in each architecture's index it belongs to, its
 * stanza as upstream wrote it. Where two inputs hold different bytes under one path, the lesser one moves; phasing is
 * stripped when asked. Sorted by key.
 */
export function composedEntries(
  packages: AptCandidate[],
  compose: ComposeConfiguration,
  output: AptOutput,
): Entry[] {
  const moved = lesserOnes(packages, compose.prefer)
  const entries = packages.flatMap(candidate => {
    const value = stanzaOf(candidate, moved, output)
    return compose.architectures
      .filter(architecture => fits(candidate, architecture))
      .map(architecture => ({ key: keyOf(candidate, architecture, output), value }))
  })
  return entries
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .filter((entry, i, all) => entry.key !== all[i - 1]?.key)
}

function keyOf(candidate: AptCandidate, architecture: ByteString, output: AptOutput): ByteString {
  const { name, version, digest } = candidate
  return encodePackageKey({
    family: 'deb',
    suite: output.suite,
    component: output.component,
    architecture,
    name,
    version,
    digest,
  })
}

function stanzaOf(candidate: AptCandidate, moved: Set<Digest>, output: AptOutput): Buffer {
  const stanza = moved.has(candidate.digest)
    ? replaceField(candidate.stanza, 'Filename', movedPath(candidate.path, candidate.digest))
    : candidate.stanza
  return output.phasing === 'strip' ? withoutField(stanza, 'Phased-Update-Percentage') : stanza
}
