import { type Digest, type SnapshotRecord, YardError } from '../../model/index.ts'
import { edit } from '../../tree/index.ts'
import type { OwnPart } from '../compose/publisher.ts'
import type { RepositoryContext } from '../context.ts'
import { toTreeEdits } from '../edit-files.ts'
import { packageFileEdits, sortedEdits } from '../file-edits.ts'
import { surroundings } from '../mirror/surroundings.ts'
import { deriveApt } from './derive-apt.ts'
import { deriveDnf } from './derive-dnf.ts'
import type { DerivedContent, DerivedMetadata } from './derived-metadata.ts'
import { rowsOfChanges } from './transplant.ts'

/** The trees of a derived snapshot, and what its record says of the format's own. */
export interface DerivedTrees {
  packages: Digest
  files: Digest
  part: OwnPart
}

/**
 * Makes the trees, and writes the metadata in them into the store. The same content, signers and compressor give the same.
 * @throws YardError as `deriveSnapshot`.
 */
export async function deriveTrees(
  context: RepositoryContext,
  content: Omit<DerivedContent<SnapshotRecord>, 'packages'>,
): Promise<DerivedTrees> {
  const { name, base, changes } = content
  const edited = await edit(
    context.trees,
    base.packages,
    changes.map(({ key, after }) => ({ key, value: after })),
  )
  const metadata = await writeMetadata(context, { ...content, packages: edited.root })
  const { packages, part } = metadata
  const around = surroundings(context, base.files, packages, metadata.places)
  const edits = sortedEdits(await packageFileEdits(rowsOfChanges(changes), around, name), metadata.files)
  const files = await edit(context.trees, base.files, toTreeEdits(edits))
  return { packages, files: files.root, part }
}

function writeMetadata(
  context: RepositoryContext,
  { base, source, ...rest }: DerivedContent<SnapshotRecord>,
): Promise<DerivedMetadata> {
  if (base.format === 'apt' && source.format === 'apt') return deriveApt(context, { base, source, ...rest })
  if (base.format === 'dnf' && source.format === 'dnf') return deriveDnf(context, { base, source, ...rest })
  throw new YardError(
    'refused',
    `${rest.name}: one of ${base.repository}@${base.timestamp} and ${source.repository}@${source.timestamp} is for apt, the other for dnf; nothing was made`,
    { hint: 'cut a regular release: it takes over what the repository has become' },
  )
}
