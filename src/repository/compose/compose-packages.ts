import type { ComposeConfiguration, Selector } from '../../config/index.ts'
import type { Digest, SnapshotRecord } from '../../model/index.ts'
import type { EditResult } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { composeApt } from './apt/compose.ts'
import type { Unresolved } from './candidate.ts'
import { composeDnf } from './dnf/compose.ts'

/** What a composition comes to. */
export interface Composed {
  packages: EditResult
  /** Dependencies that nothing in the inputs satisfies. */
  unresolved: Unresolved[]
  /** Selectors of `include` that match no package. */
  unmatched: Selector[]
}

/**
 * Selects from the inputs' snapshots what a composed repository holds, and makes its packages tree out of the previous
 * one (`before`, the root of any packages tree): whatever that was, the same inputs give the same tree.
 */
export function composePackages(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: readonly SnapshotRecord[],
  before: Digest,
  signal: AbortSignal,
): Promise<Composed> {
  const { output } = compose
  return output.format === 'apt'
    ? composeApt(context, compose, output, inputs, before)
    : composeDnf(context, compose, inputs, before, signal)
}
