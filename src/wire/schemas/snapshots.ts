import { z } from 'zod'
import type {
  RepositorySummary,
  SearchHit,
  SnapshotSummary,
  SyncReport,
  UploadReport,
  Yard,
} from '../../yard/index.ts'
import { bytes, bytesAsText, component, count, digest, error, name, timestamp } from './component.ts'

const trust = z
  .discriminatedUnion('kind', [
    z.looseObject({ kind: z.literal('keys'), fingerprints: z.array(z.string()) }),
    z.looseObject({ kind: z.literal('packages'), fingerprints: z.array(z.string()) }),
    z.looseObject({ kind: z.literal('metalink'), url: z.string() }),
    z.looseObject({ kind: z.literal('trusted') }),
  ])
  .describe(
    'The keys that signed its metadata, or each of its packages; the metalink that names it; `trusted`: the operator goes without signatures',
  )

const suite = component(
  'Suite',
  z.looseObject({
    directory: bytesAsText.describe('Of its Release file, within the tree; empty for the root'),
    suite: bytesAsText,
    origin: bytesAsText,
    label: bytesAsText,
    codename: bytesAsText,
    date: timestamp.describe('Date of its Release file'),
    components: z.array(bytesAsText),
    architectures: z.array(bytesAsText),
    trust,
  }),
)

const repodata = component(
  'Repodata',
  z.looseObject({
    directory: bytesAsText.describe('Above its repodata; empty for the repository itself'),
    revision: z.string(),
    date: timestamp.describe('The newest timestamp that repomd.xml gives'),
    signed: z.boolean().describe('repomd.xml.asc is there, and keys that we name verify it'),
    trust,
  }),
)

const completeness = component(
  'Completeness',
  z
    .looseObject({
      totalEntries: count,
      totalBytes: bytes,
      localEntries: count,
      localBytes: bytes,
      lostEntries: count,
      lostBytes: bytes,
    })
    .describe(
      'What of the snapshot is on our disk; what is neither local nor lost is fetched at its first request',
    ),
)

const snapshotFields = {
  version: z.literal(1),
  repository: name,
  timestamp,
  kind: z.enum(['mirror', 'compose', 'uploads']),
  files: digest.describe('Digest of the tree of files'),
  packages: digest.describe('Digest of the tree of packages'),
  fileCount: count,
  byteCount: bytes,
  packageCount: count,
  inputs: z
    .array(z.looseObject({ repository: name, timestamp }))
    .optional()
    .describe('Composed only: what it was made from'),
  derived: z
    .looseObject({ repository: name, packages: z.array(bytesAsText), sources: z.array(bytesAsText) })
    .optional()
    .describe('Made for a train: the first input but for these packages, which are as the second has them'),
  completeness,
}

/** A record and its completeness travel as one object. */
export const snapshot = component<SnapshotSummary>(
  'Snapshot',
  z.codec(
    z.discriminatedUnion('format', [
      z.looseObject({ format: z.literal('apt'), ...snapshotFields, suites: z.array(suite) }),
      z.looseObject({ format: z.literal('dnf'), ...snapshotFields, repodata: z.array(repodata) }),
    ]),
    z.custom<SnapshotSummary>(),
    {
      decode: ({ completeness, ...record }) => ({ record, completeness }) as unknown as SnapshotSummary,
      encode: ({ record, completeness }) => ({ ...record, completeness }) as never,
    },
  ),
)

const repository = component<RepositorySummary>(
  'Repository',
  z.looseObject({
    name,
    kind: z.enum(['mirror', 'compose', 'uploads']),
    format: z.enum(['apt', 'dnf']),
    policy: z.enum(['immediate', 'on-demand']),
    snapshotCount: count,
    latest: snapshot.optional(),
    checked: timestamp.optional().describe('When the last sync completed, with or without a new snapshot'),
    failure: z
      .looseObject({ at: timestamp, message: z.string() })
      .optional()
      .describe('The sync after that, which failed'),
  }),
)

const listEntry = component(
  'ListEntry',
  z.looseObject({
    name: bytesAsText,
    kind: z.enum(['directory', 'file']),
    size: bytes.optional(),
    sha256: digest.optional(),
    state: z.enum(['local', 'fetchable']).optional(),
    snapshot: z
      .string()
      .optional()
      .describe('Of a repository of a release: the snapshot that travels under its name'),
  }),
)

const searchHit = component<SearchHit>(
  'SearchHit',
  z.looseObject({
    repository: name,
    family: z.string().describe('`deb`, `deb-src` or `rpm`'),
    name: bytesAsText,
    version: bytesAsText,
    architecture: bytesAsText,
    suite: bytesAsText,
    component: bytesAsText,
    digest,
    first: timestamp.describe('The first snapshot that has it'),
    last: timestamp.optional().describe('The last one; absent while the newest snapshot has it'),
    channels: z.array(z.string()).describe('TRAIN/CHANNEL that carry one of those snapshots now'),
    releases: z.array(z.string()).describe('TRAIN@T likewise, by train, newest first'),
  }),
)

const change = z.looseObject({
  added: count,
  removed: count,
  upgraded: count,
  downgraded: count,
  rebuilt: count,
})

const cost = component(
  'SyncCost',
  z
    .looseObject({ requests: count, fetchedBytes: bytes, milliseconds: z.number() })
    .describe('What it took: requests to the upstream, bytes fetched, time'),
)

const syncReport = component<SyncReport>(
  'SyncReport',
  z.discriminatedUnion('outcome', [
    z.looseObject({ outcome: z.literal('created'), repository: name, snapshot, change, cost }),
    z.looseObject({
      outcome: z.literal('unchanged'),
      repository: name,
      snapshot: timestamp.optional(),
      cost,
    }),
    z.looseObject({
      outcome: z.literal('stale'),
      repository: name,
      snapshot: timestamp.optional(),
      warning: z.string(),
      cost,
    }),
    z.looseObject({
      outcome: z.literal('failed'),
      repository: name,
      snapshot: timestamp.optional().describe('What is still served'),
      error,
    }),
  ]),
)

const uploadedFile = component(
  'UploadedFile',
  z.looseObject({
    file: z.string().describe('As it was named'),
    name: bytesAsText,
    version: bytesAsText,
    architecture: bytesAsText,
    path: bytesAsText.describe('Within the repository'),
    sha256: digest,
    size: bytes,
    state: z.enum(['added', 'there']).describe('Whether it is new, or was there already with these bytes'),
  }),
)

export const uploadReport = component<UploadReport>(
  'UploadReport',
  z.discriminatedUnion('outcome', [
    z.looseObject({
      outcome: z.literal('created'),
      repository: name,
      snapshot,
      change,
      files: z.array(uploadedFile),
      milliseconds: z.number(),
    }),
    z.looseObject({
      outcome: z.literal('unchanged'),
      repository: name,
      snapshot: timestamp,
      files: z.array(uploadedFile),
      milliseconds: z.number(),
    }),
    z.looseObject({
      outcome: z.literal('refused'),
      repository: name,
      snapshot: timestamp.optional(),
      refused: z.array(error.extend({ name: z.string().describe('As the file was named') })),
    }),
  ]),
)

export const repositories = component<{ repositories: RepositorySummary[] }>(
  'Repositories',
  z.looseObject({ repositories: z.array(repository) }),
)
export const snapshots = component<{ snapshots: SnapshotSummary[] }>(
  'Snapshots',
  z.looseObject({ snapshots: z.array(snapshot) }),
)
export const listing = component<{ entries: Awaited<ReturnType<Yard['list']>> }>(
  'Listing',
  z.looseObject({ entries: z.array(listEntry) }),
)
export const searchHits = component<{ hits: SearchHit[] }>(
  'SearchHits',
  z.looseObject({ hits: z.array(searchHit) }),
)
export const syncReports = component<{ reports: SyncReport[] }>(
  'SyncReports',
  z.looseObject({ reports: z.array(syncReport) }),
)
