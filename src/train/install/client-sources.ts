import { type Name, type ReleaseRecord, type SnapshotRecord, YardError } from '../../model/index.ts'
import {
  type Content,
  type ContentView,
  createContent,
  findSnapshot,
  listSnapshots,
  readSnapshot,
} from '../../repository/index.ts'
import type { GateSubject } from '../gates/gate.ts'
import type { InstallOptions } from './install-options.ts'
import { snapshotsBelow } from './snapshots-below.ts'

/** What a package manager needs to know of a repository that it installs from. */
export interface ClientSource<Record extends SnapshotRecord = SnapshotRecord> {
  /** The repository's name. */
  name: Name
  /** Of its tree, without a final slash. */
  url: string
  record: Record
  view: ContentView
  /** Armoured; undefined where the operator trusts it unverified. */
  keys: string | undefined
  /** These keys have signed every package as well. */
  packagesSigned: boolean
}

export type AptSource = ClientSource<SnapshotRecord & { format: 'apt' }>
export type DnfSource = ClientSource<SnapshotRecord & { format: 'dnf' }>

/** A release as a machine sees it that installs from it. */
export interface Offer {
  /** `TRAIN@T`. */
  name: string
  release: ReleaseRecord
  apt: AptSource[]
  dnf: DnfSource[]
}

/**
 * What a release offers, or the part of it that the gate is asked for.
 * @throws YardError `configuration` when that names a repository that does not travel.
 */
export async function offerOf(
  subject: GateSubject,
  { release, snapshots }: { release: ReleaseRecord; snapshots: ReadonlyMap<Name, SnapshotRecord> },
  { repositories }: InstallOptions,
): Promise<Offer> {
  const { train } = subject
  const foreign = repositories?.find(name => !train.repositories.includes(name))
  if (foreign !== undefined)
    throw new YardError(
      'configuration',
      `${foreign} does not travel with ${train.name} (${train.position})`,
      {
        hint: `its repositories are: ${train.repositories.join(', ')}`,
      },
    )
  const content = createContent(subject.context)
  const view: ContentView = { kind: 'release', train: release.train, timestamp: release.timestamp }
  const sources = await Promise.all(
    [...snapshots]
      .filter(([name]) => repositories?.includes(name) ?? true)
      .map(async ([name, record]) =>
        sourceOf(content, { name, record, view, url: await subject.urlOf(release, name) }),
      ),
  )
  return {
    name: `${release.train}@${release.timestamp}`,
    release,
    apt: sources.filter(isApt),
    dnf: sources.filter(isDnf),
  }
}

/**
 * What a release's clean root is made from beside the release itself: the repository that was named, as it was when the
 * release was cut; else the snapshots that its composed ones were made from, which have what a slice leaves out.
 * @throws YardError `not-found` when the named repository has no snapshot; `configuration` when it is none for apt.
 */
export async function basesOf(
  subject: GateSubject,
  { release, apt }: Offer,
  { base }: InstallOptions,
): Promise<AptSource[]> {
  const { context } = subject
  const records =
    base === undefined
      ? await snapshotsBelow(
          apt.map(({ record }) => record),
          ({ repository, timestamp }) => readSnapshot(context.refs, repository, timestamp),
        )
      : [await baseAt(subject, base, release)]
  const content = createContent(context)
  const url = await context.contentUrl()
  const sources = await Promise.all(
    records.map(async record => {
      const { repository: name, timestamp } = record
      const view: ContentView = { kind: 'snapshot', timestamp }
      return sourceOf(content, { name, record, view, url: `${url}/content/${name}/${timestamp}` })
    }),
  )
  const other = sources.find(source => !isApt(source))
  if (other !== undefined)
    throw new YardError('configuration', `the base ${other.name} is no repository for apt`)
  return sources.filter(isApt)
}

async function sourceOf(
  content: Content,
  source: Pick<ClientSource, 'name' | 'record' | 'view' | 'url'>,
): Promise<ClientSource> {
  const { name, view } = source
  return {
    ...source,
    keys: await content.keys(name, view),
    packagesSigned: content.packagesSigned(name),
  }
}

function isApt(source: ClientSource): source is AptSource {
  return source.record.format === 'apt'
}

function isDnf(source: ClientSource): source is DnfSource {
  return source.record.format === 'dnf'
}

async function baseAt({ context }: GateSubject, base: Name, release: ReleaseRecord): Promise<SnapshotRecord> {
  const listed = await listSnapshots(context.refs, base)
  const timestamp = listed.findLast(one => one <= release.timestamp) ?? listed[0]
  if (timestamp !== undefined) return findSnapshot(context, `${base}@${timestamp}`)
  throw new YardError('not-found', `the base ${base} has no snapshot, so that no clean root can be made`, {
    hint: `run \`switchyard sync ${base}\``,
  })
}
