import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  isName,
  isTimestamp,
  type Name,
  type SnapshotRecord,
  type SuiteRecord,
  YardError,
} from '../../model/index.ts'
import type { Content, ContentView } from '../../repository/index.ts'
import { joinPath } from '../../upstream/index.ts'
import { baseUrl } from './base-url.ts'
import { dnfRepoText } from './dnf-repo-text.ts'
import { preferencesText } from './preferences-text.ts'
import { sourcesText } from './sources-text.ts'

type Params = { repository: string; view?: string }

/** What one setup file is made from. */
interface Subject {
  repository: Name
  view: ContentView
  record: SnapshotRecord
  base: string
}

/** `/setup/REPO[/SNAPSHOT]/...`: ready-made client configuration. Reads refs and keys, never the catalog. */
export function addSetupRoutes(app: FastifyInstance, content: Content, publicUrl: string | undefined): void {
  const files: Record<string, (subject: Subject) => Promise<string>> = {
    'apt.sources': subject => sources(content, subject),
    'dnf.repo': subject => dnfRepo(content, subject),
    'key.asc': subject => keys(content, subject),
    mirrorlist: async subject => mirrorlist(subject),
    preferences: async subject => preferences(subject),
  }
  for (const [name, make] of Object.entries(files)) {
    const answer = async (request: FastifyRequest<{ Params: Params }>, reply: FastifyReply) => {
      const text = await make(await subjectOf(content, request, publicUrl))
      reply.headers({ 'Cache-Control': 'no-cache', Vary: 'Host', 'X-Content-Type-Options': 'nosniff' })
      return reply.type(name === 'key.asc' ? 'application/pgp-keys' : 'text/plain; charset=utf-8').send(text)
    }
    app.get(`/setup/:repository/${name}`, answer)
    app.get(`/setup/:repository/:view/${name}`, answer)
  }
}

async function subjectOf(
  content: Content,
  request: FastifyRequest<{ Params: Params }>,
  publicUrl: string | undefined,
): Promise<Subject> {
  const { repository, view: at = 'latest' } = request.params
  const view: ContentView | undefined =
    at === 'latest' ? { kind: 'latest' } : isTimestamp(at) ? { kind: 'snapshot', timestamp: at } : undefined
  const record = view && isName(repository) ? await content.record(repository, view) : undefined
  if (record === undefined || view === undefined)
    throw new YardError('not-found', `there is no snapshot ${repository}@${at}`, {
      hint: 'the names and timestamps of all are at /api/v1/snapshots',
    })
  return { repository: record.repository, view, record, base: baseUrl(publicUrl, request.headers.host) }
}

async function sources(content: Content, { repository, view, record, base }: Subject): Promise<string> {
  if (record.format !== 'apt') throw otherFormat(repository, 'apt', 'dnf.repo')
  const at = view.kind === 'snapshot' ? view.timestamp : 'latest'
  return sourcesText({
    title:
      view.kind === 'snapshot'
        ? `${repository} as it was at ${at}, from ${base}`
        : `${repository}, always the newest snapshot, from ${base}`,
    uri: `${base}/content/${repository}/${at}/`,
    suites: await Promise.all(
      record.suites.map(async suite => ({
        ...suite,
        sources: await hasSources(content, repository, view, suite),
      })),
    ),
    keys: await content.keys(repository, view),
    dated: view.kind === 'snapshot',
  })
}

/** Whether the tree holds an index of source packages, in whatever compression. */
async function hasSources(
  content: Content,
  repository: Name,
  view: ContentView,
  suite: SuiteRecord,
): Promise<boolean> {
  const directories = suite.components.length === 0 ? [''] : suite.components.map(name => `${name}/source/`)
  for (const directory of directories)
    for (const name of ['Sources.xz', 'Sources.gz', 'Sources']) {
      const path = joinPath(suite.directory, `${directory}${name}`)
      if ((await content.resolve(repository, view, path)) !== undefined) return true
    }
  return false
}

async function dnfRepo(content: Content, { repository, view, record, base }: Subject): Promise<string> {
  if (record.format !== 'dnf') throw otherFormat(repository, 'dnf', 'apt.sources')
  const dated = view.kind === 'snapshot'
  const hasKeys = (await content.keys(repository, view)) !== undefined
  return dnfRepoText({
    title: dated
      ? `${repository} as it was at ${view.timestamp}`
      : `${repository}, always the newest snapshot`,
    repository: dated ? `${repository}-${view.timestamp}` : repository,
    source: dated
      ? { baseurl: `${base}/content/${repository}/${view.timestamp}/` }
      : { mirrorlist: `${base}/setup/${repository}/mirrorlist` },
    signedMetadata: record.repodata.every(({ signed }) => signed),
    signedPackages: content.packagesSigned(repository),
    keys: hasKeys ? `${base}/setup/${repository}/${dated ? `${view.timestamp}/` : ''}key.asc` : undefined,
  })
}

/** The URL of one snapshot, which never changes: a run of dnf that begins with it ends with it. */
function mirrorlist({ repository, record, base }: Subject): string {
  if (record.format !== 'dnf') throw otherFormat(repository, 'dnf', 'apt.sources')
  return `${base}/content/${repository}/${record.timestamp}/\n`
}

async function keys(content: Content, { repository, view }: Subject): Promise<string> {
  const armoured = await content.keys(repository, view)
  if (armoured !== undefined) return armoured
  throw new YardError('not-found', `${repository} is trusted without signatures: there is no key`, {
    hint: 'apt.sources says `Trusted: yes` for it, and dnf.repo checks no signatures',
  })
}

function preferences({ repository, record, base }: Subject): string {
  if (record.format !== 'apt') throw otherFormat(repository, 'apt', 'dnf.repo')
  return preferencesText(
    `Follow ${repository} from ${base}, backwards too`,
    record.suites,
    new URL(base).hostname,
  )
}

function otherFormat(repository: Name, client: string, file: string): YardError {
  return new YardError('not-found', `${repository} is no repository for ${client}`, {
    hint: `its clients are set up by /setup/${repository}/${file}`,
  })
}
