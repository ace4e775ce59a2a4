import type { ByteString, Digest, FileEntry, Name, SnapshotRecord, Timestamp } from '../../model/index.ts'
import type { Change } from '../../tree/index.ts'
import type { OwnPart } from '../compose/publisher.ts'
import type { ListingPlace } from '../mirror/surroundings.ts'
import type { PackageRow } from '../package-rows.ts'
import type { Transplant } from './transplant.ts'

/** What the metadata of a derived snapshot is written from. */
export interface DerivedContent<R extends SnapshotRecord> {
  /** `TRAIN.REPO`, whose compressed frames are used again. */
  name: Name
  base: R
  source: R
  moved: Transplant
  changes: readonly Change[]
  /** Root of the new packages tree. */
  packages: Digest
  signal: AbortSignal
}

/** What a format makes of it; everything else of the base stays. */
export interface DerivedMetadata {
  /** By path of the files tree; undefined goes. */
  files: Map<ByteString, FileEntry | undefined>
  part: OwnPart
  /** Where one package can stand in the packages tree. */
  places(row: PackageRow): ListingPlace[]
  /** The packages tree, where the format has more to change in it. */
  packages: Digest
}

/** The date of what is written anew, so that the same inputs give the same bytes. */
export function newer(a: Timestamp, b: Timestamp | undefined): Timestamp {
  return b !== undefined && b > a ? b : a
}
