import type { ComposeConfiguration, Selector } from '../../config/index.ts'
import type { SnapshotRecord } from '../../model/index.ts'
import type { Entry } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { composeApt } from './apt/compose.ts'
import type { Unresolved } from './candidate.ts'
import { composeDnf } from './dnf/compose.ts'

/** What a composition comes to. */
export interface Composed {
  /** Of its packages tree, sorted by key. */
  entries: Iterable<Entry> | AsyncIterable<Entry>
  /** Dependencies that nothing in the inputs satisfies. */
  unresolved: Unresolved[]
  /** Selectors of `include` that match no package. */
  unmatched: Selector[]
}

/** Selects from the inputs' snapshots what a composed repository holds. */
export function composeEntries(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: readonly SnapshotRecord[],
): Promise<Composed> {
  const { output } = compose
  return output.format === 'apt'
    ? composeApt(context, compose, output, inputs)
    : composeDnf(context, compose, inputs)
}
