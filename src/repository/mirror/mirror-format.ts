import type {
  AptSnapshot,
  ByteString,
  DnfSnapshot,
  FileEntry,
  Json,
  SnapshotRecord,
  Timestamp,
} from '../../model/index.ts'
import type { EditResult } from '../../tree/index.ts'
import type { Fetcher, PartAnswer, PartMemory } from '../../upstream/index.ts'
import type { ListingPlace } from './surroundings.ts'

/** The metadata entries of one part as the files tree will hold them. */
export type MetadataFiles = Map<ByteString, FileEntry>

/** What upstream answered, by part, and from where the rest is read. */
export interface Answers<Reading extends { memory: PartMemory }> {
  fetcher: Fetcher
  parts: Map<ByteString, PartAnswer<Reading>>
}

/** What was found out on the way, by part; dates alone where nothing else is remembered. */
export type PartMemories = { [part: string]: PartMemory }

/** What a format supplies to mirroring: what is there and what should be fetched. The rest is shared. */
export interface MirrorFormat<Reading extends { memory: PartMemory }> {
  /** What in the configuration decides which files are mirrored. */
  settings: Json
  /** The parts that the previous snapshot holds, with their dates. */
  partsOf(record: SnapshotRecord): Map<ByteString, Timestamp>
  /** Reads and verifies what every other file hangs on; one conditional request a part where nothing changed. */
  read(memory: PartMemories, signal: AbortSignal): Promise<Answers<Reading>>
  /** The new packages tree: what the changed parts list now, the others as they were. */
  editPackages(
    previous: SnapshotRecord | undefined,
    readings: Reading[],
    answers: Answers<Reading>,
    signal: AbortSignal,
  ): Promise<EditResult>
  /** Everything that a part names beside packages, in the store as far as the policy asks for it. */
  metadataFiles(
    reading: Reading,
    fetcher: Fetcher,
    previous: SnapshotRecord | undefined,
    signal: AbortSignal,
  ): Promise<MetadataFiles>
  /** The metadata of every part that the previous snapshot holds. */
  oldMetadata(previous: SnapshotRecord): Promise<Map<ByteString, MetadataFiles>>
  /** What the record says of the format's own. */
  partsRecord(
    answers: Answers<Reading>,
    previous: SnapshotRecord | undefined,
  ): Pick<AptSnapshot, 'format' | 'suites'> | Pick<DnfSnapshot, 'format' | 'repodata'>
  /** Where one package can stand in the packages tree. */
  places(row: Pick<ListingPlace, 'component' | 'architecture'>): ListingPlace[]
}
