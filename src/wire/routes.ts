import { z } from 'zod'
import type { ErrorCode } from '../model/index.ts'
import {
  listing,
  name,
  reference,
  repositories,
  searchHits,
  snapshot,
  snapshotDiff,
  snapshots,
} from './schemas.ts'

/** One operation of the API. */
export interface Route {
  method: 'GET'
  /** Below `apiPrefix`; `{name}` stands for a parameter. */
  path: string
  summary: string
  parameters: z.ZodObject
  query: z.ZodObject
  answer: z.ZodType
  /** What it may answer beside `internal`. */
  errors: readonly ErrorCode[]
}

export const apiPrefix = '/api/v1'

const none = z.strictObject({})
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform(text => text === 'true')

/** What the catalog may answer when it is asked. */
const catalogErrors = ['busy', 'damaged', 'unavailable'] as const

/** All that can be asked over HTTP, by operation. Nothing here changes anything. */
export const routes = {
  listRepositories: {
    method: 'GET',
    path: '/repositories',
    summary: 'The repositories, each with its newest snapshot',
    parameters: none,
    query: none,
    answer: repositories,
    errors: catalogErrors,
  },
  listSnapshots: {
    method: 'GET',
    path: '/snapshots',
    summary: 'Every snapshot, by repository, oldest first',
    parameters: none,
    query: none,
    answer: snapshots,
    errors: catalogErrors,
  },
  listRepositorySnapshots: {
    method: 'GET',
    path: '/repositories/{repository}/snapshots',
    summary: 'The snapshots of one repository, oldest first',
    parameters: z.strictObject({ repository: name }),
    query: none,
    answer: snapshots,
    errors: ['usage', 'not-found', ...catalogErrors],
  },
  getSnapshot: {
    method: 'GET',
    path: '/snapshots/{reference}',
    summary: 'One snapshot and how complete it is',
    parameters: z.strictObject({ reference }),
    query: none,
    answer: snapshot,
    errors: ['usage', 'not-found', ...catalogErrors],
  },
  listFiles: {
    method: 'GET',
    path: '/snapshots/{reference}/files',
    summary: 'What lies directly in a directory of a snapshot, or the one file of that name',
    parameters: z.strictObject({ reference }),
    query: z.strictObject({
      path: z.string().max(4096).default('').describe('Within the tree, in UTF-8; empty for its root'),
    }),
    answer: listing,
    errors: ['usage', 'not-found', 'damaged'],
  },
  diff: {
    method: 'GET',
    path: '/diff',
    summary: 'What differs between two snapshots, of one repository or of two of one format',
    parameters: none,
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
  },
  search: {
    method: 'GET',
    path: '/search',
    summary: 'Which snapshots have which version of a package, newest versions first',
    parameters: none,
    query: z.strictObject({
      package: z.string().min(1).max(512).describe('A name, or a glob with `*` and `?`, in UTF-8'),
      repository: name.optional(),
      limit: z.coerce.number().int().min(1).max(10_000).default(1000).describe('At most so many hits'),
    }),
    answer: searchHits,
    errors: ['usage', 'not-found', ...catalogErrors],
  },
} as const satisfies Record<string, Route>

export type Routes = typeof routes
export type Operation = keyof Routes
export type ParametersOf<O extends Operation> = z.output<Routes[O]['parameters']>
export type QueryOf<O extends Operation> = z.output<Routes[O]['query']>
export type AnswerOf<O extends Operation> = z.input<Routes[O]['answer']>
