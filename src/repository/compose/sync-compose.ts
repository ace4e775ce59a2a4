import type { ComposeConfiguration, MirrorConfiguration } from '../../config/index.ts'
import type { Job } from '../../jobs/index.ts'
import {
  byteStringOfText,
  canonicalJson,
  type Digest,
  digestOf,
  type Json,
  type Name,
  nextTimestamp,
  type SnapshotRecord,
  type SuiteRecord,
  type Timestamp,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import { countOf, diff, edit, emptyTree } from '../../tree/index.ts'
import { commitSnapshot } from '../commit-snapshot.ts'
import type { RepositoryContext } from '../context.ts'
import { byteDifference, toTreeEdits } from '../edit-files.ts'
import { completeTree, fetchTree } from '../fetch-tree.ts'
import { metadataEdits, packageFileEdits, sortedEdits } from '../file-edits.ts'
import { oldMetadata } from '../mirror/metadata-files.ts'
import { surroundings } from '../mirror/surroundings.ts'
import { collectRows } from '../package-rows.ts'
import { pagesFor } from '../pages-for.ts'
import { readNewest, readUpstreamMemory, refNames, writeRecord } from '../records.ts'
import { type Made, noTreeCost, type SyncOutcome, startCost } from '../sync-outcome.ts'
import { readCandidates } from './candidates.ts'
import { composedEntries } from './compose-entries.ts'
import { type Selection, select } from './select.ts'
import { writeMetadata } from './write-indexes.ts'

/**
 * Makes a composed repository's next snapshot out of its inputs' newest ones, when what it selects has changed.
 * With `immediate` exactly the selected packages are fetched, whatever the inputs' policy.
 * @throws YardError `incomplete` when an input has no snapshot yet; `refused` when an identity that apt holds on to
 *   (origin, label, suite, codename) would change; whatever fetching throws.
 */
export async function syncCompose(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  job: Job,
  options: { allowIdentityChange: boolean },
): Promise<SyncOutcome> {
  const begun = context.now()
  const inputs = await Promise.all(compose.from.map(name => newestOf(context, name, compose)))
  const fetchers = await Promise.all(mirrorsBelow(context, compose).map(mirror => context.fetcher(mirror)))
  const cost = startCost(context, fetchers)
  const previous = await readNewest(context.refs, compose.name)
  const settings = await settingsOf(context, compose)
  const memory = await readUpstreamMemory(context.refs, compose.name)
  const seen = Object.fromEntries(inputs.map(input => [input.repository, input.timestamp]))
  const same =
    previous?.settings === settings &&
    memory?.settings === settings &&
    memory.snapshot === previous.timestamp &&
    canonicalJson(memory.inputs ?? {}) === canonicalJson(seen)
  const made: Made = same
    ? { kind: 'unchanged', snapshot: previous.timestamp, treeCost: noTreeCost }
    : await makeSnapshot(context, compose, inputs, settings, job, { ...options, begun })
  const snapshot = made.kind === 'created' ? made.record.timestamp : made.snapshot
  await writeRecord(context.refs, refNames.upstream(compose.name), {
    version: 1,
    checked: timestampOf(context.now()),
    settings,
    suites: {},
    inputs: seen,
    ...(snapshot === undefined ? {} : { snapshot }),
  })
  return cost.finish(made)
}

async function newestOf(
  context: RepositoryContext,
  name: Name,
  compose: ComposeConfiguration,
): Promise<SnapshotRecord> {
  const record = await readNewest(context.refs, name)
  if (record === undefined)
    throw new YardError(
      'incomplete',
      `${compose.name}: its input ${name} has no snapshot yet; nothing was changed`,
      { hint: `run \`switchyard sync ${name}\` and see why it fails` },
    )
  return record
}

/** Every mirror that a composed repository draws on, directly or through other composed ones. */
function mirrorsBelow(context: RepositoryContext, compose: ComposeConfiguration): MirrorConfiguration[] {
  return compose.from.flatMap(name => {
    const input = context.configuration.repositories.get(name)
    return input === undefined ? [] : input.kind === 'mirror' ? [input] : mirrorsBelow(context, input)
  })
}

/** What was asked for, and who signs it: with the same inputs and the same of these, the result is the same. */
async function settingsOf(context: RepositoryContext, compose: ComposeConfiguration): Promise<Digest> {
  const { position: _, seed: __, ...asked } = compose
  const keys = (await context.signers()).map(key => key.fingerprint)
  return digestOf(
    Buffer.from(canonicalJson({ ...asked, validDays: compose.validDays ?? null, keys } as unknown as Json)),
  )
}

async function makeSnapshot(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: SnapshotRecord[],
  settings: Digest,
  job: Job,
  options: { allowIdentityChange: boolean; begun: number },
): Promise<Made> {
  const catalog = await context.catalog()
  const previous = await readNewest(context.refs, compose.name)
  const suite = suiteRecord(compose, inputs)
  if (!options.allowIdentityChange) checkIdentity(compose, suite, previous)
  const selection = await job.step('select packages', async () =>
    select(await readCandidates(context, inputs, compose.architectures), compose),
  )
  warnOfGaps(compose, selection, job)
  const pages = pagesFor(context, previous)
  const packages = await edit(pages, previous?.packages ?? emptyTree('packages').digest, [
    { from: '', to: undefined, entries: composedEntries(selection.packages, compose) },
  ])
  if (previous?.packages === packages.root && previous.settings === settings)
    return { kind: 'unchanged', snapshot: previous.timestamp, treeCost: noTreeCost }

  const rows = await collectRows(
    diff(pages, previous?.packages ?? emptyTree('packages').digest, packages.root),
  )
  const metadata = await job.step('write indexes', () =>
    writeMetadata(context, compose, packages.root, suite.date),
  )
  const places = compose.architectures.map(architecture => ({
    suite: compose.suite,
    component: compose.component,
    architecture,
  }))
  const oldFiles = previous?.files ?? emptyTree('files').digest
  const before =
    previous === undefined
      ? []
      : [
          ...(
            await oldMetadata(
              context,
              previous.files,
              previous.suites.map(old => old.suite),
            )
          ).values(),
        ].flatMap(files => [...files.keys()])
  const edits = sortedEdits(
    await packageFileEdits(rows, surroundings(context, previous?.files, packages.root, places), compose.name),
    metadataEdits(before, metadata),
  )
  const files = await edit(pages, oldFiles, toTreeEdits(edits))
  const record: SnapshotRecord = {
    version: 1,
    repository: compose.name,
    timestamp: nextTimestamp(options.begun, await catalog.lastTimestamp(compose.name)),
    format: 'apt',
    kind: 'compose',
    files: files.root,
    packages: packages.root,
    fileCount: await countOf(context.trees, files.root),
    byteCount: (previous?.byteCount ?? 0) + (await byteDifference(context, oldFiles, files.root)),
    packageCount: await countOf(context.trees, packages.root),
    suites: [suite],
    inputs: inputs.map(({ repository, timestamp }) => ({ repository, timestamp })),
    settings,
  }
  if (compose.policy === 'immediate')
    await job.step('fetch', async () =>
      fetchTree(context, record, await completeTree(context, previous), job),
    )
  const { change } = await job.step('commit', () => commitSnapshot(context, record, previous, rows, job))
  return {
    kind: 'created',
    record,
    change,
    treeCost: {
      newFilePages: files.newPages,
      newFilePageBytes: files.newPageBytes,
      newPackagePages: packages.newPages,
      newPackagePageBytes: packages.newPageBytes,
    },
  }
}

/** The Date of a composed Release is that of its newest input, so that the same inputs give the same bytes. */
function suiteRecord(compose: ComposeConfiguration, inputs: SnapshotRecord[]): SuiteRecord {
  const date = inputs
    .map(input => input.timestamp)
    .reduce((newest, timestamp) => (timestamp > newest ? timestamp : newest))
  return {
    directory: `dists/${compose.suite}`,
    suite: compose.suite,
    origin: byteStringOfText(compose.origin),
    label: byteStringOfText(compose.label),
    codename: compose.codename,
    date: date as Timestamp,
    components: [compose.component],
    architectures: compose.architectures,
    trust: { kind: 'keys', fingerprints: [] },
  }
}

/** apt refuses a repository whose Origin, Label, Suite or Codename changed; so it is fixed at the first snapshot. */
function checkIdentity(
  compose: ComposeConfiguration,
  suite: SuiteRecord,
  previous: SnapshotRecord | undefined,
): void {
  const old = previous?.suites[0]
  if (old === undefined) return
  for (const field of ['origin', 'label', 'suite', 'codename'] as const)
    if (old[field] !== suite[field])
      throw new YardError(
        'refused',
        `${compose.name} (${compose.position}): its ${field} would change from ${JSON.stringify(old[field])} to ${JSON.stringify(suite[field])}, and every apt that uses it would refuse it; nothing was changed`,
        {
          hint: 'give it a new name, or run `switchyard sync --allow-identity-change`',
        },
      )
}

function warnOfGaps(compose: ComposeConfiguration, { unresolved, unmatched }: Selection, job: Job): void {
  for (const pattern of unmatched)
    job.warn(`${compose.name}: include ${JSON.stringify(pattern)} matches no package of its inputs`)
  if (unresolved.length === 0) return
  const shown = unresolved.slice(0, 5).map(gap => `${gap.package} ${gap.version} needs ${gap.dependency}`)
  job.warn(
    `${compose.name}: ${unresolved.length} dependencies are satisfied by nothing in its inputs: ${shown.join('; ')}${unresolved.length > shown.length ? '; ...' : ''}`,
  )
}
