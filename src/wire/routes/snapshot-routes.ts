import { z } from 'zod'
import {
  digest,
  listing,
  missingBlobs,
  name,
  received,
  reference,
  removed,
  repositories,
  searchHits,
  snapshot,
  snapshotDiff,
  snapshots,
  syncReports,
  uploadReport,
  why,
} from '../schemas/index.ts'
import { catalogErrors, flag, mutationErrors, route } from './route.ts'

const path = z.string().max(4096)

/** The repository of a reference; what is none the yard refuses. */
const repositoryOf = (text: string) => text.split('@')[0]!

/** At most so many files in one upload. */
const maxFiles = 10_000

export const snapshotRoutes = {
  listRepositories: route({
    method: 'GET',
    path: '/repositories',
    summary: 'The repositories, each with its newest snapshot',
    answer: repositories,
    errors: catalogErrors,
  }),
  listSnapshots: route({
    method: 'GET',
    path: '/snapshots',
    summary: 'Every snapshot, by repository, oldest first',
    answer: snapshots,
    errors: catalogErrors,
  }),
  listRepositorySnapshots: route({
    method: 'GET',
    path: '/repositories/{repository}/snapshots',
    summary: 'The snapshots of one repository, oldest first',
    parameters: z.strictObject({ repository: name }),
    answer: snapshots,
    errors: ['usage', 'not-found', ...catalogErrors],
  }),
  getSnapshot: route({
    method: 'GET',
    path: '/snapshots/{reference}',
    summary: 'One snapshot and how complete it is',
    parameters: z.strictObject({ reference }),
    answer: snapshot,
    errors: ['usage', 'not-found', ...catalogErrors],
  }),
  listFiles: route({
    method: 'GET',
    path: '/snapshots/{reference}/files',
    summary: 'What lies directly in a directory of a snapshot, or the one file of that name',
    parameters: z.strictObject({ reference }),
    query: z.strictObject({
      path: path.default('').describe('Within the tree, in UTF-8; empty for its root'),
    }),
    answer: listing,
    errors: ['usage', 'not-found', 'damaged'],
  }),
  readFile: route({
    method: 'GET',
    path: '/snapshots/{reference}/content',
    summary: 'The bytes of one file of a snapshot; fetched first when they are not here',
    parameters: z.strictObject({ reference }),
    query: z.strictObject({ path: path.min(1).describe('Within the tree, in UTF-8') }),
    answer: 'blob',
    errors: ['usage', 'not-found', 'incomplete', 'untrusted', 'unavailable', 'damaged'],
  }),
  diff: route({
    method: 'GET',
    path: '/diff',
    summary: 'What differs between two snapshots, of one repository or of two of one format',
    query: z.strictObject({
      from: reference,
      to: reference,
      files: flag.describe('The files that differ, too'),
      changelogs: flag.describe(
        'Changelog entries of upgraded packages, too; for apt of those whose new file is here',
      ),
    }),
    answer: snapshotDiff,
    errors: ['usage', 'not-found', 'damaged'],
  }),
  search: route({
    method: 'GET',
    path: '/search',
    summary: 'Which snapshots have which version of a package, newest versions first',
    query: z.strictObject({
      package: z.string().min(1).max(512).describe('A name, or a glob with `*` and `?`, in UTF-8'),
      repository: name.optional(),
      limit: z.coerce.number().int().min(1).max(10_000).default(1000).describe('At most so many hits'),
    }),
    answer: searchHits,
    errors: ['usage', 'not-found', ...catalogErrors],
  }),
  sync: route({
    method: 'POST',
    path: '/sync',
    summary: 'Reads upstreams and composes; a snapshot where something changed',
    body: z.strictObject({
      repositories: z.array(name).max(10_000).default([]).describe('Which ones; none: all'),
      allowIdentityChange: z
        .boolean()
        .default(false)
        .describe('Let a composed repository change its origin, label, suite or codename'),
      why,
    }),
    answer: syncReports,
    right: 'sync',
    rights: ({ body: { repositories } }) =>
      repositories.length === 0 ? ['sync'] : repositories.map(repository => `sync:${repository}` as const),
    isLong: true,
    errors: mutationErrors,
  }),
  fetchSnapshot: route({
    method: 'POST',
    path: '/snapshots/{reference}/fetch',
    summary: 'Completes an on-demand snapshot: brings every file that it names',
    parameters: z.strictObject({ reference }),
    body: z.strictObject({ why }),
    answer: snapshot,
    right: 'fetch',
    rights: ({ parameters: { reference } }) => [`fetch:${repositoryOf(reference)}`],
    isLong: true,
    errors: [...mutationErrors, 'incomplete', 'untrusted', 'stale', 'cancelled'],
  }),
  removeSnapshots: route({
    method: 'DELETE',
    path: '/snapshots/{reference}',
    summary: 'Removes a snapshot, REPO@T, or every snapshot of a repository, REPO',
    parameters: z.strictObject({ reference }),
    query: z.strictObject({ why }),
    answer: removed,
    right: 'remove',
    rights: ({ parameters: { reference } }) => [`remove:${repositoryOf(reference)}`],
    isLong: true,
    errors: [...mutationErrors, 'refused', 'cancelled'],
  }),
  findMissingBlobs: route({
    method: 'POST',
    path: '/blobs/missing',
    summary: 'Which of these blobs are not here: those to be put before an upload',
    body: z.strictObject({ digests: z.array(digest).max(maxFiles) }),
    answer: missingBlobs,
    right: 'upload',
    errors: ['usage', 'unauthenticated', 'forbidden'],
  }),
  putBlob: route({
    method: 'PUT',
    path: '/blobs/{sha256}',
    summary: 'Keeps a blob for an upload that follows; what no snapshot names goes with the next gc',
    parameters: z.strictObject({ sha256: digest }),
    body: 'blob',
    answer: received,
    right: 'upload',
    errors: ['usage', 'invalid', 'unauthenticated', 'forbidden', 'no-space', 'unavailable'],
  }),
  upload: route({
    method: 'POST',
    path: '/repositories/{repository}/uploads',
    summary: 'Puts packages whose blobs are here into a repository: all in one snapshot, or none',
    parameters: z.strictObject({ repository: name }),
    body: z.strictObject({
      files: z
        .array(z.strictObject({ file: z.string().min(1).max(1024), sha256: digest }))
        .min(1)
        .max(maxFiles),
      why,
    }),
    answer: uploadReport,
    right: 'upload',
    rights: ({ parameters: { repository } }) => [`upload:${repository}`],
    isLong: true,
    errors: [...mutationErrors, 'refused', 'cancelled'],
  }),
}
