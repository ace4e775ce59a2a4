import { type ByteString, type Digest, YardError } from '../../model/index.ts'
import { decodeFileEntry, decodePackageKey, entries, lookup, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { type AcceptedFile, type RefusedFile, refusal } from './read-offered.ts'

/** What stands somewhere already. */
interface Holder {
  digest: Digest
  /** `the file x.rpm`, or a repository's name. */
  who: string
}

/** The trees that an upload is put on top of. */
export interface Ground {
  repository: string
  packages: Digest
  files: Digest
}

export interface Sorted {
  /** Each package once. */
  fresh: AcceptedFile[]
  /** Those that are there already, or came twice. */
  there: AcceptedFile[]
  refused: RefusedFile[]
}

/**
 * Sorts what is new from what is there already, and refuses what would give a published version other bytes: what a client
 * has installed under a name and version must stay what that means. Two versions that differ in nothing but their epoch
 * have one file name, and cannot both be there.
 */
export async function sortOut(
  context: RepositoryContext,
  ground: Ground,
  accepted: readonly AcceptedFile[],
): Promise<Sorted> {
  const sorted: Sorted = { fresh: [], there: [], refused: [] }
  const holders = new Map<ByteString, Holder>()
  for (const one of accepted) {
    const claims = [...one.entries.map(({ key }) => identityOf(key)), one.package.path]
    const held = await firstOther(context, ground, one, claims, holders)
    if (held !== undefined) {
      sorted.refused.push(refusal(one.name, conflict(one, held)))
      continue
    }
    const isThere = holders.has(claims[0]!) || (await isListed(context, ground, one))
    sorted[isThere ? 'there' : 'fresh'].push(one)
    for (const claim of claims) holders.set(claim, { digest: one.file.sha256, who: one.name })
  }
  return sorted
}

/** Everything of a package's key but its digest. */
function identityOf(key: ByteString): ByteString {
  return key.slice(0, key.lastIndexOf('\0') + 1)
}

async function firstOther(
  context: RepositoryContext,
  ground: Ground,
  { file, package: read }: AcceptedFile,
  claims: ByteString[],
  holders: Map<ByteString, Holder>,
): Promise<Holder | undefined> {
  const isOther = (holder: Holder | undefined) => holder !== undefined && holder.digest !== file.sha256
  for (const claim of claims) {
    const holder = holders.get(claim)
    if (isOther(holder)) return holder
  }
  const who = ground.repository
  for (const claim of claims) {
    if (claim === read.path) continue
    for await (const { key } of entries(context.trees, ground.packages, prefixRange(claim))) {
      const holder = { digest: decodePackageKey(key).digest, who }
      if (isOther(holder)) return holder
    }
  }
  const value = await lookup(context.trees, ground.files, read.path)
  const holder = value && { digest: decodeFileEntry(value).sha256, who }
  return isOther(holder) ? holder : undefined
}

async function isListed(context: RepositoryContext, ground: Ground, one: AcceptedFile): Promise<boolean> {
  for (const { key } of one.entries)
    if ((await lookup(context.trees, ground.packages, key)) === undefined) return false
  return true
}

function conflict({ name, file, package: read }: AcceptedFile, { digest, who }: Holder): YardError {
  const what = `${read.name} ${read.version} (${read.architecture})`
  return new YardError(
    'refused',
    `${name} is refused: ${who} has other bytes for ${what}, or for its path ${read.path}: SHA-256 ${digest.slice(0, 12)}..., not ${file.sha256.slice(0, 12)}...`,
    { hint: 'build it under a new version: what is published under one never changes' },
  )
}
