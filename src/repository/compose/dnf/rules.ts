import type { ComposeConfiguration, Selector } from '../../../config/index.ts'
import { compareEvr, parseEvr } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import type { CandidateIndex } from '../candidate.ts'
import { globMatcher, type SelectionRules } from '../select.ts'
import type { DnfCandidate } from './candidates.ts'
import { addRpmDependencies } from './closure.ts'
import type { DependencyIndex } from './dependency-index.ts'
import type { GroupDocuments } from './group-documents.ts'
import { nevraOf } from './group-entries.ts'
import { artifactsOf, packagesAdvised, packagesOfGroup } from './named-together.ts'

/** How packages are selected from RPM repositories. `dependencies` is there where they are followed. */
export function dnfRules(
  compose: ComposeConfiguration,
  candidates: CandidateIndex<DnfCandidate>,
  documents: GroupDocuments,
  dependencies: DependencyIndex<DnfCandidate> | undefined,
): SelectionRules<DnfCandidate> {
  return {
    compareVersions: (a, b) => compareEvr(parseEvr(a), parseEvr(b)),
    fits,
    matcher: selector => matcher(selector, documents),
    addDependencies: (chosen, offered) =>
      dependencies === undefined
        ? []
        : addRpmDependencies(chosen, offered, dependencies, {
            architectures:
              compose.architectures.length > 0 ? compose.architectures : architecturesOf(candidates),
            recommends: compose.recommends,
            preference({ repository }) {
              const place = compose.prefer.indexOf(repository)
              return place < 0 ? compose.prefer.length : place
            },
          }),
  }
}

function architecturesOf(candidates: CandidateIndex<DnfCandidate>): Set<ByteString> {
  return new Set([...candidates.values()].flatMap(list => list.map(({ architecture }) => architecture)))
}

/** Can the package be installed where `architecture` is native? Source packages are an architecture of their own. */
function fits(candidate: DnfCandidate, architecture: ByteString): boolean {
  if (candidate.architecture === architecture) return true
  return candidate.architecture === 'noarch' && architecture !== 'src' && architecture !== 'nosrc'
}

function matcher(selector: Selector, documents: GroupDocuments): (candidate: DnfCandidate) => boolean {
  switch (selector.kind) {
    case 'package': {
      const matches = globMatcher(selector.glob)
      return candidate => matches(candidate.name) || namesOf(candidate).some(matches)
    }
    case 'source': {
      const matches = globMatcher(selector.glob)
      return candidate => matches(candidate.source)
    }
    case 'group': {
      const names = packagesOfGroup(documents.comps, selector.id)
      return ({ name }) => names.has(name)
    }
    case 'module': {
      const artifacts = artifactsOf(documents.modules, selector)
      return candidate => artifacts.has(nevraOf(candidate))
    }
    case 'advisory': {
      const packages = packagesAdvised(documents.advisories, selector)
      return candidate => packages.has(nevraOf(candidate))
    }
  }
}

/** The forms in which dnf takes a package: `name-version-release.architecture`, with its epoch and without. */
function namesOf({ name, version, architecture }: DnfCandidate): ByteString[] {
  const { epoch = '0', version: upstream, release } = parseEvr(version)
  const behind = `${upstream}-${release}.${architecture}`
  return [`${name}-${behind}`, `${name}-${epoch}:${behind}`]
}
