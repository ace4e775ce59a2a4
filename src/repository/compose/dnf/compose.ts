import type { ComposeConfiguration } from '../../../config/index.ts'
import type { Digest, SnapshotRecord } from '../../../model/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { Composed } from '../compose-packages.ts'
import { select } from '../select.ts'
import { readCandidates } from './candidates.ts'
import { composedTree } from './composed-tree.ts'
import { dnfRules } from './rules.ts'

/** A composition of RPM repositories. */
export async function composeDnf(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: readonly SnapshotRecord[],
  before: Digest,
  signal: AbortSignal,
): Promise<Composed> {
  const bySource = [...compose.include, ...compose.exclude].some(({ kind }) => kind === 'source')
  const candidates = await readCandidates(context, inputs, {
    architectures: compose.architectures,
    withSources: bySource,
  })
  const rules = await dnfRules(context, compose, inputs, candidates)
  const { packages, unresolved, unmatched } = select(candidates, compose, rules)
  return {
    packages: await composedTree(context, compose, inputs, packages, before, signal),
    unresolved,
    unmatched,
  }
}
