import { z } from 'zod'
import { errorCodes, isName, isTimestamp, type Name, type Timestamp } from '../model/index.ts'

/** Every schema that has a name in the API's description. */
export const components = z.registry<{ id: string }>()

function component<Schema extends z.ZodType>(id: string, schema: Schema): Schema {
  components.add(schema, { id })
  return schema
}

export const name = component(
  'Name',
  z
    .string()
    .refine((text): text is Name => isName(text), 'not a name: lower-case letters, digits, dots and dashes')
    .describe('Name of a repository: lower-case letters, digits, dots and dashes, at most 63'),
)

export const timestamp = component(
  'Timestamp',
  z
    .string()
    .refine((text): text is Timestamp => isTimestamp(text), 'not a timestamp: write 20261121T064500Z')
    .describe('A second in UTC, written 20261121T064500Z'),
)

export const reference = component(
  'Reference',
  z.string().min(1).max(200).describe('A snapshot: REPO, REPO@latest or REPO@20261121T064500Z'),
)

const digest = component('Digest', z.string().describe('SHA-256, 64 lower-case hexadecimal digits'))

const bytesAsText = component(
  'BytesAsText',
  z
    .string()
    .describe(
      'Bytes of a repository as UTF-8 text; where they are not UTF-8, U+FFFD stands for what cannot be shown',
    ),
)

const count = z.int().nonnegative()
const bytes = z.int().nonnegative().describe('bytes')

const trust = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('keys'), fingerprints: z.array(z.string()) }),
    z.object({ kind: z.literal('packages'), fingerprints: z.array(z.string()) }),
    z.object({ kind: z.literal('metalink'), url: z.string() }),
    z.object({ kind: z.literal('trusted') }),
  ])
  .describe(
    'The keys that signed its metadata, or each of its packages; the metalink that names it; `trusted`: the operator goes without signatures',
  )

const suite = component(
  'Suite',
  z.object({
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
  z.object({
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
    .object({
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
  repository: name,
  timestamp,
  kind: z.enum(['mirror', 'compose', 'uploads']),
  files: digest.describe('Digest of the tree of files'),
  packages: digest.describe('Digest of the tree of packages'),
  fileCount: count,
  byteCount: bytes,
  packageCount: count,
  inputs: z
    .array(z.object({ repository: name, timestamp }))
    .optional()
    .describe('Composed only: what it was made from'),
  completeness,
}

export const snapshot = component(
  'Snapshot',
  z.discriminatedUnion('format', [
    z.object({ format: z.literal('apt'), ...snapshotFields, suites: z.array(suite) }),
    z.object({ format: z.literal('dnf'), ...snapshotFields, repodata: z.array(repodata) }),
  ]),
)

const repository = component(
  'Repository',
  z.object({
    name,
    kind: z.enum(['mirror', 'compose', 'uploads']),
    format: z.enum(['apt', 'dnf']),
    policy: z.enum(['immediate', 'on-demand']),
    snapshotCount: count,
    latest: snapshot.optional(),
    checked: timestamp.optional().describe('When the last sync completed, with or without a new snapshot'),
    failure: z
      .object({ at: timestamp, message: z.string() })
      .optional()
      .describe('The sync after that, which failed'),
  }),
)

const listEntry = component(
  'ListEntry',
  z.object({
    name: bytesAsText,
    kind: z.enum(['directory', 'file']),
    size: bytes.optional(),
    sha256: digest.optional(),
    state: z.enum(['local', 'fetchable']).optional(),
  }),
)

const fileEntry = z.object({ sha256: digest, size: bytes })

const packageVersion = component(
  'PackageVersion',
  z.object({
    suite: bytesAsText,
    component: bytesAsText,
    architecture: bytesAsText,
    version: bytesAsText,
    digest,
    size: bytes,
  }),
)

const changeKinds = ['added', 'removed', 'upgraded', 'downgraded', 'rebuilt'] as const

const need = z.enum(['reboot', 'restart', 'relogin'])

const packageChange = component(
  'PackageChange',
  z.object({
    kind: z.enum(changeKinds).describe('`rebuilt`: the same version with other bytes'),
    family: z.enum(['deb', 'deb-src', 'rpm']),
    name: bytesAsText,
    source: bytesAsText,
    before: packageVersion.optional(),
    after: packageVersion.optional(),
    needs: need.optional().describe('What a host with this package must do after the change'),
    changelog: z.string().optional().describe('The entries newer than the version before'),
  }),
)

const advisoryChange = component(
  'AdvisoryChange',
  z.object({
    kind: z
      .enum(['new', 'updated'])
      .describe('`updated`: it was there already, and says that it was updated'),
    id: z.string(),
    type: z.string().describe('`security`, `bugfix`, `enhancement`, `newpackage` or another word'),
    severity: z.string().describe('As its publisher grades it; empty where it does not'),
    title: z.string(),
    cves: z.array(z.string()),
    bugs: count.describe('How many reports of bugs it refers to'),
    issued: timestamp.optional(),
    updated: timestamp.optional(),
    needs: need.optional().describe('What it suggests after the update'),
    packages: z
      .array(
        z.object({
          name: bytesAsText,
          architecture: bytesAsText,
          version: bytesAsText,
          needs: need.optional().describe('What it suggests for this package'),
        }),
      )
      .describe('The packages among the changes that bring what it asks for'),
  }),
)

const moduleChange = component(
  'ModuleChange',
  z.object({
    name: z.string(),
    defaultStream: z
      .object({ before: z.string().optional(), after: z.string().optional() })
      .optional()
      .describe('Where it is another one'),
    streams: z.array(
      z.object({
        stream: z.string(),
        kind: z.enum(['added', 'removed', 'changed']),
        addedPackages: z.array(z.string()).describe('As name-epoch:version-release.architecture'),
        removedPackages: z.array(z.string()),
      }),
    ),
  }),
)

const fileChange = component(
  'FileChange',
  z.object({ path: bytesAsText, before: fileEntry.optional(), after: fileEntry.optional() }),
)

const place = z.object({ repository: name, timestamp })

const searchHit = component(
  'SearchHit',
  z.object({
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
  }),
)

export const repositories = component('Repositories', z.object({ repositories: z.array(repository) }))
export const snapshots = component('Snapshots', z.object({ snapshots: z.array(snapshot) }))
export const listing = component('Listing', z.object({ entries: z.array(listEntry) }))
export const searchHits = component('SearchHits', z.object({ hits: z.array(searchHit) }))

export const snapshotDiff = component(
  'SnapshotDiff',
  z.object({
    from: place,
    to: place,
    packages: z.array(packageChange),
    count: z.object({ added: count, removed: count, upgraded: count, downgraded: count, rebuilt: count }),
    removedBytes: bytes,
    addedBytes: bytes,
    advisories: z.array(advisoryChange).describe('Those that come in, security first; APT has none'),
    modules: z.array(moduleChange).describe('Those that changed; APT has none'),
    notes: z.array(z.string()).describe('What could not be told, and why'),
    files: z.array(fileChange).optional(),
  }),
)

export const errorBody = component(
  'Error',
  z.object({
    error: z.object({
      code: z.enum(Object.keys(errorCodes) as [keyof typeof errorCodes]),
      message: z.string().describe('What failed, on which object, and why'),
      hint: z.string().optional().describe('What to do next'),
    }),
  }),
)
