import type { ComposeConfiguration } from '../../../config/index.ts'
import { readFilelists, readPrimaryLists } from '../../../formats/index.ts'
import type { Digest, SnapshotRecord } from '../../../model/index.ts'
import type { RepositoryContext } from '../../context.ts'
import type { CandidateIndex } from '../candidate.ts'
import type { Composed } from '../compose-packages.ts'
import { type Selection, select } from '../select.ts'
import { type DnfCandidate, readCandidates } from './candidates.ts'
import { composedTree } from './composed-tree.ts'
import { createDependencyIndex, type DependencyIndex } from './dependency-index.ts'
import { type GroupDocuments, readGroupDocuments } from './group-documents.ts'
import { dnfRules } from './rules.ts'
import { sideDocuments, sideFragments } from './side-documents.ts'

/** A composition of RPM repositories. */
export async function composeDnf(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: readonly SnapshotRecord[],
  before: Digest,
  signal: AbortSignal,
): Promise<Composed> {
  const documents = await readGroupDocuments(context, inputs, signal)
  const { packages, unresolved, unmatched } = await selectPackages(
    context,
    compose,
    inputs,
    documents,
    signal,
  )
  return {
    packages: await composedTree(context, compose, inputs, packages, documents, before, signal),
    unresolved,
    unmatched,
  }
}

async function selectPackages(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: readonly SnapshotRecord[],
  documents: GroupDocuments,
  signal: AbortSignal,
): Promise<Selection<DnfCandidate>> {
  const { architectures, include, exclude, withDependencies } = compose
  const dependencies = withDependencies ? createDependencyIndex<DnfCandidate>() : undefined
  const candidates = await readCandidates(context, inputs, {
    architectures,
    withSources: [...include, ...exclude].some(({ kind }) => kind === 'source'),
    seen:
      dependencies &&
      ((candidate, fragment) =>
        dependencies.add(candidate, readPrimaryLists(fragment, candidate.repository))),
  })
  const rules = dnfRules(compose, candidates, documents, dependencies)
  const selection = select(candidates, compose, rules)
  if (dependencies === undefined || !selection.unresolved.some(({ dependency }) => dependency.includes('/')))
    return selection
  await addMissingFiles(context, inputs, candidates, dependencies, signal)
  return select(candidates, compose, rules)
}

/** Most files that are asked for stand in primary.xml; filelists.xml, many times as long, is read for the rest only. */
async function addMissingFiles(
  context: RepositoryContext,
  inputs: readonly SnapshotRecord[],
  candidates: CandidateIndex<DnfCandidate>,
  dependencies: DependencyIndex<DnfCandidate>,
  signal: AbortSignal,
): Promise<void> {
  const missing = dependencies.missingPaths()
  const [side] = sideDocuments
  const all = [...candidates.values()].flat()
  for await (const { candidate, value } of sideFragments(context, inputs, all, side, signal))
    for (const { path } of readFilelists(value, candidate.repository).files)
      if (missing.has(path)) dependencies.addFile(path, candidate)
}
