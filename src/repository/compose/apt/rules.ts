import type { ComposeConfiguration, Selector } from '../../../config/index.ts'
import { compareDebianVersions } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import { globMatcher, type SelectionRules } from '../select.ts'
import type { AptCandidate } from './candidates.ts'
import { addDependencies } from './closure.ts'

/** How packages are selected from APT repositories. */
export function aptRules(compose: ComposeConfiguration): SelectionRules<AptCandidate> {
  return {
    compareVersions: compareDebianVersions,
    fits,
    matcher,
    addDependencies: (chosen, offered) => addDependencies(chosen, offered, compose),
  }
}

/** Can the package be installed where `architecture` is native? */
export function fits(candidate: { architecture: ByteString }, architecture: ByteString): boolean {
  return candidate.architecture === architecture || candidate.architecture === 'all'
}

/** The configuration allows no other selectors for APT. */
function matcher(selector: Selector): (candidate: AptCandidate) => boolean {
  if (selector.kind === 'package') {
    const matches = globMatcher(selector.glob)
    return candidate => matches(candidate.name)
  }
  if (selector.kind === 'source') {
    const matches = globMatcher(selector.glob)
    return candidate => matches(candidate.source)
  }
  return () => false
}
