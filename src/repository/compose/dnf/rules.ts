import type { ComposeConfiguration, Selector } from '../../../config/index.ts'
import { compareEvr, parseEvr } from '../../../formats/index.ts'
import type { ByteString, SnapshotRecord } from '../../../model/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { CandidateIndex } from '../candidate.ts'
import { globMatcher, type SelectionRules } from '../select.ts'
import type { DnfCandidate } from './candidates.ts'

/** How packages are selected from RPM repositories. */
export async function dnfRules(
  _context: RepositoryContext,
  _compose: ComposeConfiguration,
  _inputs: readonly SnapshotRecord[],
  _candidates: CandidateIndex<DnfCandidate>,
): Promise<SelectionRules<DnfCandidate>> {
  return {
    compareVersions: (a, b) => compareEvr(parseEvr(a), parseEvr(b)),
    fits,
    matcher,
    addDependencies: () => [],
  }
}

/** Can the package be installed where `architecture` is native? Source packages are an architecture of their own. */
function fits(candidate: DnfCandidate, architecture: ByteString): boolean {
  if (candidate.architecture === architecture) return true
  return candidate.architecture === 'noarch' && architecture !== 'src' && architecture !== 'nosrc'
}

function matcher(selector: Selector): (candidate: DnfCandidate) => boolean {
  if (selector.kind === 'package') {
    const matches = globMatcher(selector.glob)
    return candidate => matches(candidate.name) || namesOf(candidate).some(matches)
  }
  if (selector.kind === 'source') {
    const matches = globMatcher(selector.glob)
    return candidate => matches(candidate.source)
  }
  return () => false
}

/** The forms in which dnf takes a package: `name-version-release.architecture`, with its epoch and without. */
function namesOf({ name, version, architecture }: DnfCandidate): ByteString[] {
  const { epoch = '0', version: upstream, release } = parseEvr(version)
  const behind = `${upstream}-${release}.${architecture}`
  return [`${name}-${behind}`, `${name}-${epoch}:${behind}`]
}
