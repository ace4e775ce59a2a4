import type { AptOutput, ComposeConfiguration } from '../../../config/index.ts'
import type { Digest, SnapshotRecord } from '../../../model/index.ts'
import { edit } from '../../../tree/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { Composed } from '../compose-packages.ts'
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
  before: Digest,
): Promise<Composed> {
  const candidates = await readCandidates(context, inputs, compose.architectures)
  const { packages, unresolved, unmatched } = select(candidates, compose, aptRules(compose))
  const entries = composedEntries(packages, compose, output)
  return {
    packages: await edit(context.pages, before, [{ from: '', to: undefined, entries }]),
    unresolved,
    unmatched,
  }
}
