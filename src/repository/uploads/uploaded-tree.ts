import type { UploadsConfiguration } from '../../config/index.ts'
import { readPackageStanza } from '../../formats/index.ts'
import { type Digest, type SnapshotRecord, YardError } from '../../model/index.ts'
import { type EditResult, type Entry, edit, emptyTree, leaves } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { pagesFor } from '../pages-for.ts'
import { debEntries } from './deb.ts'

/**
 * The packages tree of the newest snapshot as the configuration wants it today: for apt, packages stand below suite and
 * component, in the index of each configured architecture.
 * @throws YardError `refused` when packages would be lost, because their architecture is configured no more.
 */
export async function uploadedTree(
  context: RepositoryContext,
  repository: UploadsConfiguration,
  previous: SnapshotRecord | undefined,
  settings: Digest,
): Promise<EditResult> {
  const pages = pagesFor(context, previous)
  const root = previous?.packages ?? emptyTree('packages').digest
  if (previous?.format !== 'apt' || previous.settings === settings) return edit(pages, root, [])
  const moved = await placedAnew(context, repository, root)
  return edit(pages, root, [{ from: '', to: undefined, entries: moved }])
}

async function placedAnew(
  context: RepositoryContext,
  repository: UploadsConfiguration,
  root: Digest,
): Promise<Entry[]> {
  const { output, name } = repository
  if (output.format !== 'apt') throw new YardError('internal', `${name} has become one for dnf`)
  const placed = new Map<string, Entry>()
  for await (const leaf of leaves(context.trees, root))
    for (const { value } of leaf) {
      const stanza = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      const read = readPackageStanza(stanza, name)
      const entries = debEntries(repository, output, read, read.sha256, stanza)
      if (entries.length === 0) throw lost(repository, `${read.name} ${read.version}`, read.architecture)
      for (const entry of entries) placed.set(entry.key, entry)
    }
  return inOrder([...placed.values()])
}

function lost({ name, position }: UploadsConfiguration, what: string, architecture: string): YardError {
  return new YardError(
    'refused',
    `${name} (${position}): it has packages of ${architecture} (${what}), which is not among its architectures any more; nothing was changed`,
    { hint: `put ${architecture} back into \`architectures\`` },
  )
}

/** Entries as a tree takes them. */
export function inOrder(entries: Entry[]): Entry[] {
  return entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}
