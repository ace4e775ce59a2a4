import { parseRepomd, type RepomdFile } from '../../formats/index.ts'
import {
  type ByteString,
  type Digest,
  type FileEntry,
  isYardError,
  millisecondsOf,
  type RepodataRecord,
  type SnapshotRecord,
  timestampOf,
} from '../../model/index.ts'
import { verifyDetached } from '../../trust/index.ts'
import { joinPath, newestTimestamp } from '../../upstream/index.ts'
import type { RepositoryContext } from '../context.ts'
import { openOf, type StoredDocument } from '../mirror/dnf/primary-fragments.ts'
import type { MetadataFiles } from '../mirror/mirror-format.ts'
import { pathOfHref } from '../rpm-listings.ts'
import { beginningOf } from './blob-kinds.ts'
import { type BlobsByChecksum, blobsByChecksum } from './blobs-by-checksum.ts'
import { installationTreeGuesses } from './installation-tree-guesses.ts'
import { recall } from './recall.ts'

/** What one directory with repodata of a snapshot may have held beside its packages. */
export interface RepodataGuess {
  directory: ByteString
  files: MetadataFiles
  /** With its size as it is served, to fetch it again. */
  primary: (StoredDocument & { size: number }) | undefined
}

const maxRepomdBytes = 8 * 1024 * 1024
const maxBesideBytes = 1024 * 1024
/** Documents that cannot be told apart are tried up to so often. */
const maxGuesses = 200

/**
 * What the metadata of a mirrored RPM snapshot may have been, likeliest first, all directories together: as far as its files
 * tree can be read, that names repomd.xml and what lies beside it; where it cannot, whatever is here and fits.
 */
export async function* repodataGuesses(
  context: RepositoryContext,
  record: SnapshotRecord,
): AsyncGenerator<RepodataGuess[]> {
  if (record.format !== 'dnf') return
  const bySum = blobsByChecksum(context)
  const guesses: RepodataGuess[][] = []
  for (const part of record.repodata) guesses.push(await guessesOf(context, record, part, bySum))
  const trees = await installationTreeGuesses(context, record, bySum)
  guesses.push(trees.map(files => ({ directory: '', files, primary: undefined })))
  let left = maxGuesses
  for (const guess of combinations(guesses)) {
    if (left-- === 0) return
    yield guess
  }
}

/** One of each list, in every combination. */
function* combinations<T>([first, ...others]: T[][]): Generator<T[]> {
  if (first === undefined) yield []
  else for (const one of first) for (const rest of combinations(others)) yield [one, ...rest]
}

async function guessesOf(
  context: RepositoryContext,
  record: SnapshotRecord,
  part: RepodataRecord,
  bySum: BlobsByChecksum,
): Promise<RepodataGuess[]> {
  const path = joinPath(part.directory, 'repodata/repomd.xml')
  const at = (ending: string) => recall(context, record.files, `${path}${ending}`)
  const [document, signature, key] = [await at(''), await at('.asc'), await at('.key')]
  const isOpen = [document, signature, key].includes('unknown')
  const here = isOpen ? await candidatesHere(context, part) : { documents: [], signatures: [], keys: [] }
  const guesses: RepodataGuess[] = []
  for (const repomd of choices(document, here.documents)) {
    if (repomd === undefined) continue
    const named = await namedFiles(context, part, repomd, bySum)
    const fitting =
      signature === 'unknown' ? await fittingSignatures(context, record, repomd, here.signatures) : []
    for (const asc of choices(signature, fitting))
      for (const beside of choices(key, here.keys)) {
        const files: MetadataFiles = new Map(named.files)
        files.set(path, repomd)
        if (asc !== undefined) files.set(`${path}.asc`, asc)
        if (beside !== undefined) files.set(`${path}.key`, beside)
        guesses.push({ directory: part.directory, files, primary: named.primary })
      }
  }
  return guesses
}

/** What may stand at a path: what does, or each of the candidates, or nothing. */
function choices(
  found: FileEntry | 'absent' | 'unknown',
  candidates: FileEntry[],
): (FileEntry | undefined)[] {
  if (found === 'absent') return [undefined]
  return found === 'unknown' ? [...candidates, undefined] : [found]
}

/** Blobs that may be the directory's repomd.xml, by the revision and date that its snapshot remembers, and what may lie beside it. */
async function candidatesHere(context: RepositoryContext, part: RepodataRecord) {
  const found = { documents: [] as FileEntry[], signatures: [] as FileEntry[], keys: [] as FileEntry[] }
  for await (const { digest: sha256, size } of context.blobs.list()) {
    if (size > maxRepomdBytes) continue
    const entry = { sha256, size }
    const text = await beginningOf(context, entry, 512)
    if (/^-----BEGIN PGP SIGNATURE-----/.test(text) && size <= maxBesideBytes) found.signatures.push(entry)
    else if (/^-----BEGIN PGP PUBLIC KEY BLOCK-----/.test(text) && size <= maxBesideBytes)
      found.keys.push(entry)
    else if (text.includes('<repomd') && (await isOf(context, part, entry))) found.documents.push(entry)
  }
  return found
}

async function isOf(
  context: RepositoryContext,
  part: RepodataRecord,
  { sha256 }: FileEntry,
): Promise<boolean> {
  try {
    const repomd = parseRepomd(await context.blobs.read(sha256, maxRepomdBytes), sha256)
    return (repomd.revision ?? '') === part.revision && timestampOf(newestTimestamp(repomd)) === part.date
  } catch (error) {
    if (isYardError(error, 'invalid', 'damaged', 'not-found')) return false
    throw error
  }
}

/** Signatures that the mirror's keyring accepts, as it did then; without a keyring, all of them. */
async function fittingSignatures(
  context: RepositoryContext,
  record: SnapshotRecord,
  repomd: FileEntry,
  signatures: FileEntry[],
): Promise<FileEntry[]> {
  const mirror = context.configuration.repositories.get(record.repository)
  const keyring = mirror?.kind === 'mirror' ? await context.keyring(mirror) : undefined
  if (keyring === undefined) return signatures
  const text = await context.blobs.read(repomd.sha256, maxRepomdBytes)
  const good: FileEntry[] = []
  for (const entry of signatures)
    try {
      const now = millisecondsOf(record.timestamp)
      const packet = await context.blobs.read(entry.sha256, maxBesideBytes)
      await verifyDetached(text, packet, keyring, { now, object: entry.sha256 })
      good.push(entry)
    } catch (error) {
      if (!isYardError(error)) throw error
    }
  return good
}

async function namedFiles(
  context: RepositoryContext,
  { directory }: RepodataRecord,
  repomd: FileEntry,
  bySum: BlobsByChecksum,
): Promise<Pick<RepodataGuess, 'files' | 'primary'>> {
  const files: MetadataFiles = new Map()
  let primary: RepodataGuess['primary']
  const bytes = await context.blobs.read(repomd.sha256, maxRepomdBytes)
  for (const data of parseRepomd(bytes, 'repomd.xml').files) {
    const path = joinPath(directory, pathOfHref(data.href))
    const entry = await entryOf(data, bySum)
    if (entry === undefined) continue
    files.set(path, entry)
    if (data.type === 'primary')
      primary = { path, digest: entry.sha256, size: entry.size, open: openOf(data) }
  }
  return { files, primary }
}

async function entryOf(
  { checksum, size }: RepomdFile,
  bySum: BlobsByChecksum,
): Promise<FileEntry | undefined> {
  if (checksum === undefined) return undefined
  if (checksum.algorithm === 'sha256' && size !== undefined) return { sha256: checksum.hex as Digest, size }
  return bySum.find(checksum, size)
}
