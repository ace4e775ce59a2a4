import type { AptOutput, ComposeConfiguration } from '../../../config/index.ts'
import type { SnapshotRecord } from '../../../model/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { Composed } from '../compose-entries.ts'
import { select } from '../select.ts'
import { readCandidates } from './candidates.ts'
import { composedEntries } from './entries.ts'
import { aptRules } from './rules.ts'

/** A composition of APT repositories. */
export async function composeApt(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  output: AptOutput,
  inputs: readonly SnapshotRecord[],
): Promise<Composed> {
  const candidates = await readCandidates(context, inputs, compose.architectures)
  const { packages, unresolved, unmatched } = select(candidates, compose, aptRules(compose))
  return { entries: composedEntries(packages, compose, output), unresolved, unmatched }
}
