import { type Job, type JobOptions, runJob } from '../../jobs/index.ts'
import {
  canonicalJson,
  type Digest,
  digestOf,
  isName,
  type Name,
  nextTimestamp,
  type SnapshotRecord,
  YardError,
} from '../../model/index.ts'
import { type Change, countOf, diff, emptyTree } from '../../tree/index.ts'
import { commitSnapshot } from '../commit-snapshot.ts'
import type { RepositoryContext } from '../context.ts'
import { countPackages } from '../count-packages.ts'
import { byteDifference } from '../edit-files.ts'
import { fetchTree } from '../fetch-tree.ts'
import { collectRows } from '../package-rows.ts'
import { listSnapshots, readNewest, readSnapshot } from '../records.ts'
import { collectLock } from '../retention.ts'
import { deriveTrees } from './derive-trees.ts'
import { type Transplant, transplantChanges } from './transplant.ts'

/** A snapshot that is another one but for some packages. */
export interface Derivation {
  /** The train for which it is made. */
  train: Name
  /** The repository of whose line both snapshots are, or from which they were derived. */
  repository: Name
  base: SnapshotRecord
  /** Where the moved packages are taken from. */
  source: SnapshotRecord
  moved: Transplant
  /** Has the files fetched that the base has not: those of the base are all here. */
  fetch: boolean
}

/** The repository in whose line a train's own snapshots of a repository lie. @throws YardError `usage`: too long, or taken. */
export function derivedLine(context: RepositoryContext, train: Name, repository: Name): Name {
  const name = `${train}.${repository}`
  if (!isName(name))
    throw new YardError(
      'usage',
      `snapshots for the train ${train} would be called ${name}, which is longer than a name may be (63); nothing was made`,
      { hint: 'give the train or the repository a shorter name' },
    )
  if (context.configuration.repositories.has(name) || context.configuration.trains.has(name))
    throw new YardError(
      'usage',
      `snapshots of ${repository} for the train ${train} would be called ${name}, and switchyard.yaml declares something of that name; nothing was made`,
      { hint: `call what is declared there something else than ${name}` },
    )
  return name
}

/**
 * Makes and lists the snapshot that `base` becomes when the moved packages are as `source` has them. Only indexes that list
 * a changed package are written anew. The same arguments, keys and compressor give the same trees; where such a snapshot
 * is listed already it is answered, and where nothing differs the base itself.
 * @throws YardError `usage` as `derivedLine`; `refused` when the base has no place for a package; `invalid` when two packages
 *   would lie under one path; `busy`; whatever fetching throws.
 */
export async function deriveSnapshot(
  context: RepositoryContext,
  derivation: Derivation,
  events: Pick<JobOptions, 'onEvent' | 'signal'> = {},
): Promise<SnapshotRecord> {
  const { train, repository, base, source, moved } = derivation
  const name = derivedLine(context, train, repository)
  const changes = await transplantChanges(context, base.packages, source.packages, moved)
  if (changes.length === 0) return base
  // The record names who signed, whatever becomes of the keys meanwhile.
  const keys = await context.signers()
  const signing: RepositoryContext = { ...context, signers: async () => keys }
  const settings = settingsOf(
    derivation,
    keys.map(key => key.fingerprint),
  )
  // Opening the catalog may want the lock.
  await context.catalog()
  const { locks, clock } = context
  return runJob({ subject: name, locks, clock, behind: collectLock, ...events }, async job => {
    const known = await listedWith(context, name, settings)
    return known ?? makeSnapshot(signing, { name, derivation, changes, settings }, job)
  })
}

function settingsOf({ base, source, moved }: Derivation, keys: string[]): Digest {
  const nameOf = ({ repository, timestamp }: SnapshotRecord) => ({ repository, timestamp })
  const asked = {
    base: nameOf(base),
    source: nameOf(source),
    packages: [...moved.packages].sort(),
    sources: [...moved.sources].sort(),
    keys,
  }
  return digestOf(Buffer.from(canonicalJson(asked)))
}

async function listedWith(
  context: RepositoryContext,
  name: Name,
  settings: Digest,
): Promise<SnapshotRecord | undefined> {
  for (const timestamp of (await listSnapshots(context.refs, name)).toReversed()) {
    const record = await readSnapshot(context.refs, name, timestamp)
    if (record?.settings === settings) return record
  }
  return undefined
}

interface Work {
  name: Name
  derivation: Derivation
  changes: Change[]
  settings: Digest
}

async function makeSnapshot(
  context: RepositoryContext,
  { name, derivation, changes, settings }: Work,
  job: Job,
): Promise<SnapshotRecord> {
  const { repository, base, source, moved } = derivation
  const begun = context.now()
  const content = { name, base, source, moved, changes, signal: job.signal }
  const { packages, files, part } = await job.step('write indexes', () => deriveTrees(context, content))
  const previous = await readNewest(context.refs, name)
  const record: SnapshotRecord = {
    version: 1,
    repository: name,
    timestamp: nextTimestamp(begun, await (await context.catalog()).lastTimestamp(name)),
    ...part,
    kind: 'compose',
    files,
    packages,
    fileCount: await countOf(context.trees, files),
    byteCount: base.byteCount + (await byteDifference(context, base.files, files)),
    packageCount: await countPackages(context.trees, packages),
    derived: { repository, packages: [...moved.packages].sort(), sources: [...moved.sources].sort() },
    inputs: [base, source].map(({ repository, timestamp }) => ({ repository, timestamp })),
    settings,
  }
  if (derivation.fetch) await job.step('fetch', () => fetchTree(context, record, base.files, job))
  const rows = await collectRows(
    diff(context.trees, previous?.packages ?? emptyTree('packages').digest, packages),
  )
  await job.step('commit', () => commitSnapshot(context, record, previous, rows, job))
  return record
}
