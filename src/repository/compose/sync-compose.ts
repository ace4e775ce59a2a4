import type { ComposeConfiguration, MirrorConfiguration } from '../../config/index.ts'
import type { Job } from '../../jobs/index.ts'
import {
  canonicalJson,
  type Digest,
  type Name,
  type SnapshotRecord,
  type Timestamp,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import { emptyTree } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { readNewest, readUpstreamMemory, refNames, writeRecord } from '../records.ts'
import { type Made, noTreeCost, type SyncOutcome, startCost } from '../sync-outcome.ts'
import { type Composed, composePackages } from './compose-packages.ts'
import { makeOwnSnapshot } from './own-snapshot.ts'
import { publisherOf } from './publisher-of.ts'
import { selectorText } from './select.ts'
import { settingsOf } from './settings.ts'

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
    parts: {},
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
    if (input === undefined || input.kind === 'uploads') return []
    return input.kind === 'mirror' ? [input] : mirrorsBelow(context, input)
  })
}

async function makeSnapshot(
  context: RepositoryContext,
  compose: ComposeConfiguration,
  inputs: SnapshotRecord[],
  settings: Digest,
  job: Job,
  options: { allowIdentityChange: boolean; begun: number },
): Promise<Made> {
  await context.catalog()
  const previous = await readNewest(context.refs, compose.name)
  const publisher = publisherOf(compose)
  if (!options.allowIdentityChange) publisher.checkIdentity(previous)
  const before = previous?.packages ?? emptyTree('packages').digest
  const composed = await job.step('select packages', () =>
    composePackages(context, compose, inputs, before, job.signal),
  )
  warnOfGaps(compose, composed, job)
  const { packages } = composed
  if (previous?.packages === packages.root && previous.settings === settings)
    return { kind: 'unchanged', snapshot: previous.timestamp, treeCost: noTreeCost }
  const content = { packages, previous, date: newestOfAll(inputs), begun: options.begun, inputs, settings }
  return makeOwnSnapshot(context, compose, publisher, content, job)
}

/** The date of composed metadata is that of its newest input, so that the same inputs give the same bytes. */
function newestOfAll(inputs: SnapshotRecord[]): Timestamp {
  return inputs
    .map(input => input.timestamp)
    .reduce((newest, timestamp) => (timestamp > newest ? timestamp : newest))
}

function warnOfGaps(compose: ComposeConfiguration, { unresolved, unmatched }: Composed, job: Job): void {
  for (const selector of unmatched)
    job.warn(`${compose.name}: include ${selectorText(selector)} matches no package of its inputs`)
  if (unresolved.length === 0) return
  const shown = unresolved.slice(0, 5).map(gap => `${gap.package} ${gap.version} needs ${gap.dependency}`)
  job.warn(
    `${compose.name}: ${unresolved.length} dependencies are satisfied by nothing in its inputs: ${shown.join('; ')}${unresolved.length > shown.length ? '; ...' : ''}`,
  )
}
