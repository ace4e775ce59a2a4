import type { ComposeConfiguration, UploadsConfiguration } from '../../config/index.ts'
import type {
  AptSnapshot,
  ByteString,
  Digest,
  DnfSnapshot,
  FileEntry,
  SnapshotRecord,
  Timestamp,
} from '../../model/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { ListingPlace } from '../mirror/surroundings.ts'

/** A repository whose metadata is ours. */
export type OwnRepository = ComposeConfiguration | UploadsConfiguration

/** Metadata files by path, all of them in the store. */
export type OwnMetadata = Map<ByteString, FileEntry>

/** What a record says of a format's own. */
export type OwnPart = Pick<AptSnapshot, 'format' | 'suites'> | Pick<DnfSnapshot, 'format' | 'repodata'>

/** What a format supplies to repositories whose metadata is ours; the rest is shared. */
export interface Publisher {
  /** What the record says, and what clients would refuse to see changed. `date` is that of the newest input, `keys` are the fingerprints of those who signed. */
  part(date: Timestamp, keys: string[]): OwnPart
  /** @throws YardError `refused` when an identity that clients hold on to would change. */
  checkIdentity(previous: SnapshotRecord | undefined): void
  /**
   * Writes the metadata of a packages tree. The same tree, settings, keys, date, inputs and compressor give the same bytes.
   * @param inputs whose metadata about more than one package (advisories, groups, modules) is taken over.
   */
  write(
    context: RepositoryContext,
    packages: Digest,
    date: Timestamp,
    inputs: readonly SnapshotRecord[],
  ): Promise<OwnMetadata>
  /** Where one package can stand in the packages tree. */
  places(row: Pick<ListingPlace, 'component' | 'architecture'>): ListingPlace[]
}
