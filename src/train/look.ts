import {
  type ByteString,
  byteStringOfText,
  isName,
  type SnapshotRecord,
  textOfByteString,
  YardError,
} from '../model/index.ts'
import { type ListEntry, listDirectory } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { type Referent, resolveReference } from './reference.ts'

/**
 * What lies directly in a directory of a snapshot, or the one file of that name. A release lists its repositories, and behind
 * the name of one (`REPO/path`) what lies there.
 * @throws YardError as `resolveReference` does; `not-found` for a path that there is not.
 */
export async function look(context: TrainContext, reference: string, path: ByteString): Promise<ListEntry[]> {
  const referent = await resolveReference(context, reference)
  if (referent.kind === 'release' && path.replaceAll('/', '') === '') return repositoriesOf(referent)
  const at = placeWithin(referent, path)
  return listDirectory(context, at.snapshot, at.path)
}

/**
 * The snapshot that a path of a reference leads into, and the path within it.
 * @throws YardError `not-found` when the path names no repository of the release.
 */
export function placeWithin(
  referent: Referent,
  path: ByteString,
): { snapshot: SnapshotRecord; path: ByteString } {
  if (referent.kind === 'snapshot') return { snapshot: referent.snapshot, path }
  const [, first, rest] = /^\/*([^/]*)\/*(.*)$/s.exec(path)!
  const repository = textOfByteString(first!)
  const snapshot = isName(repository) ? referent.snapshots.get(repository) : undefined
  if (snapshot !== undefined) return { snapshot, path: rest! }
  throw new YardError(
    'not-found',
    `${referent.name} has no repository ${JSON.stringify(repository.slice(0, 80))}`,
    {
      hint: `paths of a release begin with one of its repositories: ${[...referent.snapshots.keys()].join(', ')}`,
    },
  )
}

function repositoriesOf({ snapshots }: Referent & { kind: 'release' }): ListEntry[] {
  return [...snapshots].map(([name, { repository, timestamp }]) => ({
    name: byteStringOfText(name),
    kind: 'directory',
    snapshot: `${repository}@${timestamp}`,
  }))
}
