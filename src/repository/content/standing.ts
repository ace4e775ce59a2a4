import type {
  ByteString,
  FileEntry,
  Name,
  SnapshotName,
  SnapshotRecord,
  Timestamp,
} from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import { listSnapshots, readLatest, readSnapshot, readUpstreamMemory } from '../records.ts'
import { readChannel, readRelease } from '../train-records.ts'

/** Which tree of a repository is meant. */
export type ContentView =
  | { kind: 'snapshot'; timestamp: Timestamp }
  | { kind: 'latest' }
  | { kind: 'by-time'; timestamp: Timestamp }
  /** What a release of a train names under the repository's name; it never changes. */
  | { kind: 'release'; train: Name; timestamp: Timestamp }
  /** What a channel serves under the repository's name, sealed. */
  | { kind: 'channel'; train: Name; channel: Name }

/** What a view stands for at this moment. */
export interface Standing {
  record: SnapshotRecord
  /** What stands in front of the snapshot, and what was there before; undefined where a view never moves. */
  moving: Moving | undefined
  modified: Timestamp
  immutable: boolean
}

export interface Moving {
  sealed: { [path: ByteString]: FileEntry }
  /** Of a channel: fingerprints of the keys that sealed it. */
  keys?: readonly string[]
  recent: SnapshotName[]
}

export async function standing(
  context: RepositoryContext,
  repository: Name,
  view: ContentView,
): Promise<Standing | undefined> {
  switch (view.kind) {
    case 'latest':
      return standingOfLatest(context, repository)
    case 'channel':
      return standingOfChannel(context, repository, view)
    case 'release': {
      const release = await readRelease(context.refs, view.train, view.timestamp)
      const named = release && ownValue(release.record.snapshots, repository)
      return named && dated(context, named, true)
    }
    case 'snapshot':
      return dated(context, { repository, timestamp: view.timestamp }, true)
    case 'by-time': {
      const listed = await listSnapshots(context.refs, repository)
      const timestamp = listed.findLast(one => one <= view.timestamp)
      if (timestamp === undefined) return undefined
      return dated(context, { repository, timestamp }, await isPast(context, repository, view.timestamp))
    }
  }
}

async function standingOfLatest(context: RepositoryContext, repository: Name): Promise<Standing | undefined> {
  const latest = await readLatest(context.refs, repository)
  const record = latest && (await readSnapshot(context.refs, repository, latest.snapshot))
  if (record === undefined) return undefined
  const recent = latest!.recent.map(({ snapshot }) => ({ repository, timestamp: snapshot }))
  return { record, moving: { sealed: latest!.sealed, recent }, modified: latest!.moved, immutable: false }
}

async function standingOfChannel(
  context: RepositoryContext,
  repository: Name,
  { train, channel }: ContentView & { kind: 'channel' },
): Promise<Standing | undefined> {
  const at = await readChannel(context.refs, train, channel)
  const served = at && ownValue(at.repositories, repository)
  const record =
    served && (await readSnapshot(context.refs, served.snapshot.repository, served.snapshot.timestamp))
  if (record === undefined) return undefined
  const { sealed, recent } = served!
  const moving = { sealed, keys: at!.keys ?? [], recent: recent.map(({ snapshot }) => snapshot) }
  return { record, moving, modified: at!.moved, immutable: false }
}

async function dated(
  context: RepositoryContext,
  { repository, timestamp }: SnapshotName,
  immutable: boolean,
): Promise<Standing | undefined> {
  const record = await readSnapshot(context.refs, repository, timestamp)
  return record && { record, moving: undefined, modified: record.timestamp, immutable }
}

/** A path is a stranger's text: `constructor` is no name that a record has. */
export function ownValue<T>(values: { [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** A moment before the last completed sync can get no further snapshot. */
async function isPast(context: RepositoryContext, repository: Name, timestamp: Timestamp): Promise<boolean> {
  const newest = (await listSnapshots(context.refs, repository)).at(-1)
  if (newest !== undefined && timestamp < newest) return true
  const checked = (await readUpstreamMemory(context.refs, repository))?.checked
  return checked !== undefined && timestamp < checked
}
