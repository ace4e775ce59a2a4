import { byteStringOfText, checkLabels, isYardError, type Labels, YardError } from '../../model/index.ts'
import type { JudgeOptions } from '../../train/index.ts'
import type { AnswerOf, InputOf, Operation } from '../../wire/index.ts'
import type { Arrivals, VerbOptions, Yard } from '../../yard/index.ts'

/** How a long operation tells how far it is, and when nobody waits for it any more. */
export interface Told extends VerbOptions {
  onVerdict?: JudgeOptions['onVerdict']
}

/** What an operation is answered with. */
export interface Asked<O extends Operation> extends InputOf<O> {
  /** On behalf of whoever asks. */
  yard: Yard
  arrivals: Arrivals
  options: Told
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
  compare: ({ yard, query: { from, to, files, changelogs } }) =>
    yard.compare(from, to, { files, changelogs }),
  compareSources: ({ yard, query: { from, to } }) => yard.compareSources(from, to),
  overlay: ({ yard, query: { reference } }) => yard.overlay(reference),
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
  bump: ({ yard, parameters, body: { packages, ...rest }, options: { signal } }) =>
    yard.bump(parameters.train, packages, { ...rest, signal }),
  promote: ({ yard, parameters, body, options: { signal, onVerdict } }) =>
    yard.promote(parameters, { ...given(body), signal, onVerdict }),
  rollback: ({ yard, parameters, body }) => yard.rollback(parameters, given(body)),
  gate: async ({ yard, parameters: { release }, body: { channel, anew = false }, options }) => {
    const { signal, onVerdict } = options
    return { judged: await yard.gate(release, { channel, anew, signal, onVerdict }) }
  },
  listEvidence: async ({ yard, parameters, query }) => ({
    kept: await yard.evidence(parameters.release, query),
  }),
  readVerdict: async ({ yard, parameters: { release, channel, gate } }) => ({
    text: await yard.verdict(release, channel, gate),
  }),
  plan: async ({ yard, body }) => ({ items: await yard.plan(given(body)) }),
  apply: ({ yard, body, options: { signal, onVerdict } }) =>
    yard.apply({ ...given(body), signal, onVerdict }),
  lock: ({ yard }) => yard.lock(),
  approve: ({ yard, parameters, body }) => yard.approve(parameters.release, body),
  listHolds: async ({ yard, query }) => ({ holds: await yard.holds(query.train) }),
  hold: ({ yard, body: { train, channel, package: pattern, until, why } }) =>
    yard.hold({ train, channel }, pattern, { until, why }),
  unhold: ({ yard, query: { train, channel, package: pattern, why } }) =>
    yard.unhold({ train, channel }, pattern, { why }),
  readStatus: ({ yard }) => yard.status(),
  resume: ({ yard, parameters, body }) => yard.resume(parameters, given(body)),
  readStatements: ({ yard }) => yard.statements(),
  async requestSignatures({ yard }) {
    const request = await yard.requestSignatures()
    return request === undefined ? {} : { request }
  },
  async withdrawStaged({ yard, parameters: { change }, query: { why } }) {
    await yard.withdraw(change, { why })
    return { withdrawn: change }
  },
  submitSignatures: ({ yard, body: { text, why } }) => yard.submit(text, { why }),
  collectGarbage: ({ yard, body }) => yard.collectGarbage(given(body)),
  fsck: ({ yard, body: { repair = false, why }, options }) => yard.fsck({ ...options, repair, why }),
  readLog: async ({ yard, query }) => ({ entries: await yard.log(given(query)) }),
  verifyLog: ({ yard }) => yard.verifyLog(),
  listTokens: async ({ yard }) => ({ tokens: await yard.tokens() }),
  createToken: ({ yard, body: { name, ...rest } }) => yard.createToken(name, rest),
  revokeToken: ({ yard, parameters, query }) => yard.revokeToken(parameters.name, query),
  listHosts: async ({ yard, query: { labels, ...filter } }) => ({
    hosts: await yard.hosts({ ...filter, labels: labels === undefined ? {} : labelsIn(labels) }),
  }),
  showHost: ({ yard, parameters: { id } }) => yard.host(id),
  revokeHost: ({ yard, parameters: { id }, body }) => yard.revokeHost(id, body),
  labelHost: ({ yard, parameters: { id }, body }) => yard.labelHost(id, body),
  changeHostCard: ({ yard, parameters: { id }, body }) => yard.changeHostCard(id, body),
  moveHost: ({ yard, parameters: { id }, body }) => yard.moveHost(id, body),
  quarantineHost: ({ yard, parameters: { id }, body }) => yard.quarantineHost(id, body),
  liftQuarantine: ({ yard, parameters: { id }, query }) => yard.liftQuarantine(id, query),
  listHostTokens: async ({ yard }) => ({ tokens: await yard.hostTokens() }),
  createHostToken: ({ yard, body: { name, ...rest } }) => yard.createHostToken(name, rest),
  revokeHostToken: ({ yard, parameters, query }) => yard.revokeHostToken(parameters.name, query),
}

/** @throws YardError `usage` when the text is no JSON of labels. */
function labelsIn(text: string): Labels {
  try {
    const labels: unknown = JSON.parse(text)
    if (typeof labels === 'object' && labels !== null) return checkLabels(labels as Labels)
  } catch (error) {
    if (isYardError(error)) throw error
  }
  throw new YardError('usage', 'labels: not a JSON object of labels')
}

/** Without what was not said. */
function given<T extends object>(body: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as never
}
