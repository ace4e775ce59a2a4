import { byteStringOfText } from '../../model/index.ts'
import type { AnswerOf, InputOf, Operation } from '../../wire/index.ts'
import type { Arrivals, VerbOptions, Yard } from '../../yard/index.ts'

/** What an operation is answered with. */
export interface Asked<O extends Operation> extends InputOf<O> {
  /** On behalf of whoever asks. */
  yard: Yard
  arrivals: Arrivals
  /** How to tell how far it is, and when nobody waits any more. */
  options: VerbOptions
  /** Of a route whose body is a blob: its bytes and how many there will be. */
  blob?: { chunks: AsyncIterable<Uint8Array>; size: number }
}

/** Those that answer JSON. */
export type JsonOperation = Exclude<Operation, 'readFile'>

type Answerers = { [O in JsonOperation]: (asked: Asked<O>) => Promise<AnswerOf<O>> }

/** Every operation of the table as a call of the yard. */
export const answerers: Answerers = {
  listRepositories: async ({ yard }) => ({ repositories: await yard.repositories() }),
  listSnapshots: async ({ yard }) => ({ snapshots: await yard.snapshots() }),
  listRepositorySnapshots: async ({ yard, parameters }) => ({
    snapshots: await yard.snapshots(parameters.repository),
  }),
  getSnapshot: ({ yard, parameters }) => yard.snapshot(parameters.reference),
  listFiles: async ({ yard, parameters, query }) => ({
    entries: await yard.list(parameters.reference, byteStringOfText(query.path)),
  }),
  diff: ({ yard, query: { from, to, files, changelogs } }) => yard.diff(from, to, { files, changelogs }),
  search: async ({ yard, query: { package: pattern, repository, limit } }) => ({
    hits: await yard.search(pattern, { limit, ...(repository === undefined ? {} : { repository }) }),
  }),
  sync: async ({ yard, body: { repositories, allowIdentityChange, why }, options }) => ({
    reports: await yard.sync(repositories, { ...options, allowIdentityChange, why }),
  }),
  fetchSnapshot: ({ yard, parameters, body, options }) =>
    yard.fetch(parameters.reference, { ...options, why: body.why }),
  removeSnapshots: async ({ yard, parameters, query, options }) => ({
    removed: await yard.remove(parameters.reference, { ...options, why: query.why }),
  }),
  findMissingBlobs: async ({ arrivals, body }) => ({ missing: await arrivals.missing(body.digests) }),
  async putBlob({ arrivals, parameters: { sha256 }, blob }) {
    await arrivals.receive(sha256, blob!.size, blob!.chunks)
    return { sha256, size: blob!.size }
  },
  upload: ({ yard, parameters, body, options }) =>
    yard.upload(parameters.repository, body.files, { ...options, why: body.why }),
  listTrains: async ({ yard, query }) => ({ trains: await yard.trains(query.train) }),
  listReleases: async ({ yard, query }) => ({ releases: await yard.releases(query.train) }),
  cutRelease: ({ yard, parameters, body }) => yard.release(parameters.train, given(body)),
  promote: ({ yard, parameters, body }) => yard.promote(parameters, given(body)),
  rollback: ({ yard, parameters, body }) => yard.rollback(parameters, given(body)),
  collectGarbage: ({ yard, body }) => yard.collectGarbage(given(body)),
  fsck: ({ yard, body: { repair = false, why }, options }) => yard.fsck({ ...options, repair, why }),
  readLog: async ({ yard, query }) => ({ entries: await yard.log(given(query)) }),
  verifyLog: ({ yard }) => yard.verifyLog(),
  listTokens: async ({ yard }) => ({ tokens: await yard.tokens() }),
  createToken: ({ yard, body: { name, ...rest } }) => yard.createToken(name, rest),
  revokeToken: ({ yard, parameters, query }) => yard.revokeToken(parameters.name, query),
}

/** Without what was not said. */
function given<T extends object>(body: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as never
}
