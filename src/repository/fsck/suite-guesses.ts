import { parsePatchIndex, type Release } from '../../formats/index.ts'
import type { ByteString, SnapshotRecord, SuiteRecord } from '../../model/index.ts'
import { type IndexFile, selectIndexFiles } from '../../upstream/index.ts'
import type { RepositoryContext } from '../context.ts'
import { addIndexFile, directoriesOf, isPatch } from '../mirror/apt/metadata-files.ts'
import type { MetadataFiles } from '../mirror/mirror-format.ts'
import { recall } from './recall.ts'
import { documentsOf, type SuiteDocuments } from './suite-documents.ts'

/** What a suite of a snapshot may have held beside its packages. */
export interface SuiteGuess {
  suite: ByteString
  release: Release
  /** Its Release files, indexes and by-hash names. */
  files: MetadataFiles
  /** Of what its Release names, what the snapshot has. */
  indexFiles: IndexFile[]
}

/** Release files that cannot be told apart are tried up to so often. */
const maxGuesses = 200

/**
 * What a snapshot's metadata may have been, likeliest first, all suites together: as far as its files tree can be read,
 * that says which of the files that a Release names it has; where it cannot, what is here, what the configuration
 * selects, or all of them.
 */
export async function* suiteGuesses(
  context: RepositoryContext,
  record: SnapshotRecord,
): AsyncGenerator<SuiteGuess[]> {
  if (record.format !== 'apt') return
  const documents = await Promise.all(record.suites.map(suite => documentsOf(context, record, suite)))
  let left = maxGuesses
  for (const chosen of combinations(documents)) {
    const suites = await Promise.all(
      chosen.map((one, i) => namedFiles(context, record, record.suites[i]!, one)),
    )
    const open = suites.some(({ files }) => files.some(({ kept }) => kept === undefined))
    for (const rule of open ? rules : rules.slice(0, 1)) {
      if (left-- === 0) return
      yield await Promise.all(suites.map(suite => guess(context, suite, rule)))
    }
  }
}

/** One of each list, in every combination. */
function* combinations<T>([first, ...others]: T[][]): Generator<T[]> {
  if (first === undefined) yield []
  else for (const one of first) for (const rest of combinations(others)) yield [one, ...rest]
}

/** A file that a Release names. */
interface NamedFile {
  file: IndexFile
  /** Whether the snapshot has it; undefined where the files tree cannot be read. */
  kept: boolean | undefined
  here: boolean
  selected: boolean
}

interface NamedFiles {
  suite: SuiteRecord
  documents: SuiteDocuments
  files: NamedFile[]
}

/** Whether a file is kept of which nothing is known. An immediate mirror leaves out what upstream names and has not. */
const rules: ((file: NamedFile) => boolean)[] = [
  ({ here, selected }) => here && selected,
  ({ selected }) => selected,
  ({ here }) => here,
  () => true,
]

async function namedFiles(
  context: RepositoryContext,
  record: SnapshotRecord,
  suite: SuiteRecord,
  documents: SuiteDocuments,
): Promise<NamedFiles> {
  const repository = context.configuration.repositories.get(record.repository)
  const { sources, installer } =
    repository?.kind === 'mirror' && repository.upstream.format === 'apt'
      ? repository.upstream
      : { sources: false, installer: false }
  const select = (sources: boolean, installer: boolean) =>
    selectIndexFiles(documents.release, suite.directory, suite.suite, { ...suite, sources, installer })
  const selected = new Set(select(sources, installer).map(file => file.path))
  const look = async (file: IndexFile): Promise<NamedFile> => {
    const known = await recall(context, record.files, file.path)
    return {
      file,
      kept: known === 'unknown' ? undefined : known !== 'absent',
      here: (await context.blobs.size(file.sha256)) !== undefined,
      selected: selected.has(file.path),
    }
  }
  return { suite, documents, files: await Promise.all(select(true, true).map(look)) }
}

async function guess(
  context: RepositoryContext,
  { suite: { suite }, documents, files: named }: NamedFiles,
  rule: (file: NamedFile) => boolean,
): Promise<SuiteGuess> {
  const files: MetadataFiles = new Map(documents.files)
  const patches = directoriesOf(named.map(({ file }) => file).filter(file => file.kind === 'patches'))
  const indexFiles: IndexFile[] = []
  for (const one of named) {
    const { file } = one
    if (!(one.kept ?? rule(one))) continue
    if (file.kind === 'patches' ? !(await addPatches(context, file, files)) : isPatch(file, patches)) continue
    indexFiles.push(file)
    addIndexFile(files, file)
  }
  return { suite, release: documents.release, files, indexFiles }
}

/** Patches come with their index or not at all; false where they did not. */
async function addPatches(
  context: RepositoryContext,
  index: IndexFile,
  files: MetadataFiles,
): Promise<boolean> {
  if ((await context.blobs.size(index.sha256)) === undefined) return false
  const directory = index.path.slice(0, index.path.lastIndexOf('/') + 1)
  const patches = parsePatchIndex(await context.blobs.read(index.sha256, index.size), index.path)
  for (const { sha256 } of patches) if ((await context.blobs.size(sha256)) === undefined) return false
  for (const { name, sha256, size } of patches) files.set(directory + name, { sha256, size })
  return true
}
