import { parseRelease } from '../../formats/index.ts'
import {
  type FileEntry,
  isYardError,
  millisecondsOf,
  type SnapshotRecord,
  type SuiteRecord,
  timestampOf,
} from '../../model/index.ts'
import { textOf, verifyDetached } from '../../trust/index.ts'
import type { RepositoryContext } from '../context.ts'
import { beginningOf } from './blob-kinds.ts'

/** An InRelease or a Release, and its text without the signature. */
export interface ReleaseDocument {
  entry: FileEntry
  text: Buffer
}

export interface Candidates {
  inline: ReleaseDocument[]
  plain: ReleaseDocument[]
  /** What may be the Release.gpg of a Release. */
  signaturesOf(release: ReleaseDocument): Promise<FileEntry[]>
}

export const maxReleaseBytes = 64 * 1024 * 1024
const maxSignatureBytes = 1024 * 1024

/** Blobs that may be a suite's Release files: by their first bytes, and by the date and identity that its snapshot remembers. */
export async function findDocuments(
  context: RepositoryContext,
  record: SnapshotRecord,
  suite: SuiteRecord,
): Promise<Candidates> {
  const found = { inline: [] as ReleaseDocument[], plain: [] as ReleaseDocument[] }
  const signatures: FileEntry[] = []
  for await (const { digest: sha256, size } of context.blobs.list()) {
    const entry = { sha256, size }
    const kind = size > maxReleaseBytes ? undefined : kindOf(await beginningOf(context, entry, 64))
    if (kind === 'signature' && size <= maxSignatureBytes) signatures.push(entry)
    if (kind !== 'inline' && kind !== 'plain') continue
    const text = await textIfOf(context, suite, entry)
    if (text !== undefined) found[kind].push({ entry, text })
  }
  return { ...found, signaturesOf: release => fitting(context, record, release, signatures) }
}

const beginnings = {
  inline: /^-----BEGIN PGP SIGNED MESSAGE-----/,
  signature: /^-----BEGIN PGP SIGNATURE-----/,
  /** Fields, but not those of an index of packages, which is large. */
  plain: /^(?!Package:)[A-Za-z][A-Za-z0-9-]*:[ \n]/,
}

function kindOf(text: string): keyof typeof beginnings | undefined {
  return (['inline', 'signature', 'plain'] as const).find(kind => beginnings[kind].test(text))
}

/** The document's text, when it is a Release of that suite at that date. */
async function textIfOf(
  context: RepositoryContext,
  suite: SuiteRecord,
  { sha256, size }: FileEntry,
): Promise<Buffer | undefined> {
  try {
    const text = textOf(await context.blobs.read(sha256, size), sha256)
    const { origin, label, codename, date } = parseRelease(text, sha256)
    const isIt =
      timestampOf(date) === suite.date &&
      origin === suite.origin &&
      label === suite.label &&
      codename === suite.codename
    return isIt ? text : undefined
  } catch (error) {
    if (isYardError(error, 'invalid', 'untrusted', 'damaged', 'not-found')) return undefined
    throw error
  }
}

/** Signatures that the mirror's keyring accepts for the Release, as it did then; without a keyring, all of them. */
async function fitting(
  context: RepositoryContext,
  record: SnapshotRecord,
  release: ReleaseDocument,
  signatures: FileEntry[],
): Promise<FileEntry[]> {
  const mirror = context.configuration.repositories.get(record.repository)
  const keyring = mirror?.kind === 'mirror' ? await context.keyring(mirror) : undefined
  if (keyring === undefined) return signatures
  const good: FileEntry[] = []
  for (const entry of signatures)
    try {
      const bytes = await context.blobs.read(entry.sha256, entry.size)
      const now = millisecondsOf(record.timestamp)
      await verifyDetached(release.text, bytes, keyring, { now, object: entry.sha256 })
      good.push(entry)
    } catch (error) {
      if (!isYardError(error)) throw error
    }
  return good
}
