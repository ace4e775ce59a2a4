import { type RepodataRecord, type SuiteRecord, textOfByteString as text } from '../model/index.ts'
import type { RepositorySummary, SearchHit, SnapshotSummary, Yard } from '../yard/index.ts'
import type { AnswerOf } from './routes.ts'

type Listing = Awaited<ReturnType<Yard['list']>>
type Diff = Awaited<ReturnType<Yard['diff']>>
type PackageChange = Diff['packages'][number]
type PackageVersion = NonNullable<PackageChange['before']>

/** What the yard answers, as it leaves: byte strings become UTF-8 text. */
export function encodeRepositories(summaries: RepositorySummary[]): AnswerOf<'listRepositories'> {
  return {
    repositories: summaries.map(({ latest, ...summary }) => ({
      ...summary,
      ...(latest === undefined ? {} : { latest: encodeSnapshot(latest) }),
    })),
  }
}

export function encodeSnapshots(summaries: SnapshotSummary[]): AnswerOf<'listSnapshots'> {
  return { snapshots: summaries.map(encodeSnapshot) }
}

export function encodeSnapshot({ record, completeness }: SnapshotSummary): AnswerOf<'getSnapshot'> {
  if (record.format === 'apt') {
    const { version: _, settings: __, suites, ...rest } = record
    return { ...rest, suites: suites.map(encodeSuite), completeness }
  }
  const { version: _, settings: __, repodata, ...rest } = record
  return { ...rest, repodata: repodata.map(encodeRepodata), completeness }
}

function encodeRepodata({ directory, ...repodata }: RepodataRecord) {
  return { directory: text(directory), ...repodata }
}

function encodeSuite(suite: SuiteRecord) {
  return {
    ...suite,
    directory: text(suite.directory),
    suite: text(suite.suite),
    origin: text(suite.origin),
    label: text(suite.label),
    codename: text(suite.codename),
    components: suite.components.map(text),
    architectures: suite.architectures.map(text),
  }
}

export function encodeListing(entries: Listing): AnswerOf<'listFiles'> {
  return { entries: entries.map(entry => ({ ...entry, name: text(entry.name) })) }
}

export function encodeDiff(diff: Diff): AnswerOf<'diff'> {
  const { files, packages, advisories, ...rest } = diff
  return {
    ...rest,
    packages: packages.map(encodeChange),
    advisories: advisories.map(advisory => ({ ...advisory, packages: advisory.packages.map(encodeAdvised) })),
    ...(files === undefined ? {} : { files: files.map(file => ({ ...file, path: text(file.path) })) }),
  }
}

function encodeAdvised(advised: Diff['advisories'][number]['packages'][number]) {
  return {
    ...advised,
    name: text(advised.name),
    architecture: text(advised.architecture),
    version: text(advised.version),
  }
}

function encodeChange({ before, after, ...change }: PackageChange) {
  return {
    ...change,
    name: text(change.name),
    source: text(change.source),
    ...(before === undefined ? {} : { before: encodeVersion(before) }),
    ...(after === undefined ? {} : { after: encodeVersion(after) }),
  }
}

function encodeVersion(version: PackageVersion) {
  return {
    ...version,
    suite: text(version.suite),
    component: text(version.component),
    architecture: text(version.architecture),
    version: text(version.version),
  }
}

export function encodeSearchHits(hits: SearchHit[]): AnswerOf<'search'> {
  return {
    hits: hits.map(hit => ({
      ...hit,
      name: text(hit.name),
      version: text(hit.version),
      architecture: text(hit.architecture),
      suite: text(hit.suite),
      component: text(hit.component),
    })),
  }
}
