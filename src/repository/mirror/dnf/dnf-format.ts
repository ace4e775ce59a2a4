import type { DnfUpstream, MirrorConfiguration } from '../../../config/index.ts'
import { parseRepomd, type RepomdFile } from '../../../formats/index.ts'
import {
  type ByteString,
  type Digest,
  type DnfSnapshot,
  isYardError,
  type RepodataRecord,
  type SnapshotRecord,
  YardError,
} from '../../../model/index.ts'
import { decodeFileEntry, lookup } from '../../../tree/index.ts'
import {
  type Fetcher,
  type InstallationTree,
  joinPath,
  type PartAnswer,
  type RepodataReading,
  readMirrors,
  readRepodata,
  readTree,
} from '../../../upstream/index.ts'
import { wantsSignedPackages } from '../../accept-package.ts'
import type { RepositoryContext } from '../../context.ts'
import { ownMetadataPaths } from '../../metadata-paths.ts'
import { readNewest, readUpstreamMemory } from '../../records.ts'
import { type Listing, pathOfHref, weakChecksum } from '../../rpm-listings.ts'
import type { MetadataFiles, MirrorFormat } from '../mirror-format.ts'
import { rememberElsewhere } from '../part-memory.ts'
import { bringUnnamed } from './bring-unnamed.ts'
import { editPackages, type PartChange } from './edit-packages.ts'
import type { StoredDocument } from './primary-fragments.ts'
import { fetchRepodata, type RepodataFile, repodataFiles } from './repodata-files.ts'
import { oldTreeFiles, treeFiles } from './tree-files.ts'

/** How RPM repositories are mirrored: their parts are directories with repodata. */
export async function dnfFormat(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  upstream: DnfUpstream,
): Promise<MirrorFormat<RepodataReading>> {
  const filesOf = new Map<RepodataReading, RepodataFile[]>()
  let tree: InstallationTree | undefined
  const { urls, mirrors, verify, keyring, trusted, kickstart } = upstream
  return {
    settings: {
      urls,
      mirrors: mirrors ?? null,
      verify: verify ?? null,
      keyring: keyring ?? null,
      trusted,
      kickstart,
    },
    partsOf: record => new Map(repodataOf(record).map(({ directory, date }) => [directory, date])),
    async read(memory, signal) {
      const base = await context.fetcher(mirror)
      const list = mirrors && (await readMirrors(base, mirrors, { object: mirror.name, signal }))
      const all = list === undefined ? base : base.at(list.urls)
      const keys = await context.keyring(mirror)
      const readPart = (directory: ByteString, from: Fetcher) =>
        readRepodata(from, {
          object: mirror.name,
          upstream,
          directory,
          keyring: keys,
          metalink: directory === '' ? list?.metalink : undefined,
          memory: memory[directory],
          now: context.now(),
          signal,
        })
      const answer = await readPart('', all)
      // A mirror that has the newest repomd.xml has its packages too, so it is asked first from now on.
      const first = answer.kind === 'changed' ? [answer.reading.mirror] : []
      const elsewhere = list === undefined ? [] : [...new Set([...first, ...all.mirrors])]
      await rememberElsewhere(context, mirror, { elsewhere })
      const fetcher = list === undefined ? base : base.at(elsewhere)
      const parts = new Map<ByteString, PartAnswer<RepodataReading>>([['', answer]])
      if (kickstart) {
        if (answer.kind === 'changed')
          tree = await readTree(fetcher, { mirror: answer.reading.mirror, object: mirror.name, signal })
        const known = repodataOf(await readNewest(context.refs, mirror.name)).map(part => part.directory)
        for (const directory of answer.kind === 'changed' ? (tree?.directories ?? []) : known)
          if (directory !== '') parts.set(directory, await readPart(directory, fetcher))
      }
      return { fetcher, parts }
    },
    async editPackages(previous, readings, { fetcher, parts }, signal) {
      const changes: PartChange[] = repodataOf(previous)
        .filter(({ directory }) => !parts.has(directory))
        .map(({ directory }) => ({ directory, after: undefined, before: undefined }))
      const metadata = new Set<ByteString>()
      for (const reading of readings) {
        const files = await repodataFiles(context, fetcher, reading, mirror.name, signal)
        filesOf.set(reading, files)
        await fetchRepodata(context, fetcher, files, { mirror: reading.mirror, signal })
        for (const { path } of [...reading.documents, ...files]) metadata.add(path)
        const after = files.find(({ type }) => type === 'primary')
        const before = previous && (await oldPrimary(context, previous, reading.directory))
        if (after === undefined || before?.digest !== after.sha256)
          changes.push({ directory: reading.directory, after: after && storedAs(after), before })
      }
      const bases = new Set<string>()
      const result = await editPackages(context, previous?.packages, changes, {
        seen(listing) {
          checkListing(mirror, listing, metadata)
          if (listing.base !== undefined) bases.add(checkedBase(listing, bases, mirror.name))
        },
        digest: createNaming(context, mirror, fetcher, signal),
      })
      await rememberBases(context, mirror, bases, changes)
      return result
    },
    async metadataFiles(reading, fetcher, previous, signal) {
      const files = filesOf.get(reading)!
      const metadata: MetadataFiles =
        tree === undefined || reading.directory !== ''
          ? new Map()
          : await treeFiles(context, fetcher, tree, previous, {
              object: mirror.name,
              mirror: reading.mirror,
              isTrusted: trusted,
              signal,
            })
      for (const { path, bytes } of reading.documents)
        metadata.set(path, { sha256: await context.blobs.put(bytes), size: bytes.length })
      for (const { path, sha256, size } of files) metadata.set(path, { sha256, size })
      return metadata
    },
    async oldMetadata(previous) {
      const old = new Map<ByteString, MetadataFiles>()
      for (const part of repodataOf(previous)) {
        const files = await oldMetadata(context, previous as DnfSnapshot, part)
        if (part.directory === '')
          for (const [path, entry] of await oldTreeFiles(context, previous)) files.set(path, entry)
        old.set(part.directory, files)
      }
      return old
    },
    partsRecord: ({ parts }, previous) => ({
      format: 'dnf',
      repodata: [...parts].map(([directory, answer]) => partRecord(directory, answer, previous)),
    }),
    places: ({ component, architecture }) => [{ suite: '', component, architecture }],
  }
}

function repodataOf(record: SnapshotRecord | undefined): RepodataRecord[] {
  return record?.format === 'dnf' ? record.repodata : []
}

function partRecord(
  directory: ByteString,
  answer: PartAnswer<RepodataReading>,
  previous: SnapshotRecord | undefined,
): RepodataRecord {
  if (answer.kind !== 'changed') return repodataOf(previous).find(old => old.directory === directory)!
  const { repomd, date, signed, trust } = answer.reading
  return { directory, revision: repomd.revision ?? '', date, signed, trust }
}

function storedAs({ path, sha256, open }: RepodataFile): StoredDocument {
  return { path, digest: sha256, open }
}

const maxRepomdBytes = 8 * 1024 * 1024
/** Packages of one repository lie at one or two other places, if any. */
const maxBases = 16

/**
 * Where each package must be signed, it is known by its name, so one that is not called so is refused.
 * @throws YardError `untrusted`; `invalid` for a package where metadata lies.
 */
function checkListing(
  mirror: MirrorConfiguration,
  { path }: Listing,
  metadata: ReadonlySet<ByteString>,
): void {
  if (metadata.has(path))
    throw new YardError(
      'invalid',
      `${mirror.name}: primary.xml lists ${path} as a package, which is metadata; no snapshot was made, the last one is still served`,
    )
  if (wantsSignedPackages(mirror.upstream) && !path.endsWith('.rpm'))
    throw new YardError(
      'untrusted',
      `${mirror.name}: primary.xml lists ${path}, which is not called .rpm, so its signature would not be looked for; no snapshot was made, the last one is still served`,
    )
}

/** @throws YardError `invalid` for what is no http or https URL, and for more of them than a repository has. */
function checkedBase({ base, path }: Listing, known: ReadonlySet<string>, object: string): string {
  const protocol = URL.parse(base!)?.protocol
  if ((protocol === 'http:' || protocol === 'https:') && (known.has(base!) || known.size < maxBases))
    return base!
  const why = known.size < maxBases ? 'no http or https URL' : `one of more than ${maxBases} URLs`
  throw new YardError(
    'invalid',
    `${object}: primary.xml says that ${path} lies at xml:base ${JSON.stringify(base!.slice(0, 200))}, ${why}; no snapshot was made, the last one is still served`,
  )
}

/** Packages that did not change are not looked at, so where they lie stays remembered until everything is read again. */
async function rememberBases(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  found: ReadonlySet<string>,
  changes: readonly PartChange[],
): Promise<void> {
  const isWhole = changes.length > 0 && changes.every(({ before }) => before === undefined)
  const old = isWhole ? [] : ((await readUpstreamMemory(context.refs, mirror.name))?.bases ?? [])
  const bases = [...new Set([...found, ...old])].slice(0, maxBases)
  await rememberElsewhere(context, mirror, { bases })
}

/** The files that the previous snapshot's repomd.xml names, itself and what vouches for it; by their place where it cannot be read. */
async function oldMetadata(
  context: RepositoryContext,
  previous: DnfSnapshot,
  part: RepodataRecord,
): Promise<MetadataFiles> {
  const document = joinPath(part.directory, 'repodata/repomd.xml')
  const named = await oldRepomd(context, previous, part.directory)
  const paths = named
    ? [
        ...['', '.asc', '.key'].map(ending => `${document}${ending}`),
        ...named.map(({ href }) => joinPath(part.directory, pathOfHref(href))),
      ]
    : await ownMetadataPaths(context, { ...previous, repodata: [part] })
  const files: MetadataFiles = new Map()
  for (const path of paths) {
    const value = await lookup(context.trees, previous.files, path)
    if (value !== undefined) files.set(path, decodeFileEntry(value))
  }
  return files
}

/** What the previous snapshot's repomd.xml names, when it is still here. */
async function oldRepomd(
  context: RepositoryContext,
  previous: SnapshotRecord,
  directory: ByteString,
): Promise<RepomdFile[] | undefined> {
  const path = joinPath(directory, 'repodata/repomd.xml')
  const digest = await digestAt(context, previous.files, path)
  try {
    return digest && parseRepomd(await context.blobs.read(digest, maxRepomdBytes), path).files
  } catch (error) {
    if (isYardError(error, 'not-found', 'damaged')) return undefined
    throw error
  }
}

/** The primary.xml that the previous snapshot's packages were read from, when it is still here. */
async function oldPrimary(
  context: RepositoryContext,
  previous: SnapshotRecord,
  directory: ByteString,
): Promise<StoredDocument | undefined> {
  const primary = (await oldRepomd(context, previous, directory))?.find(({ type }) => type === 'primary')
  if (primary === undefined) return undefined
  const path = joinPath(directory, pathOfHref(primary.href))
  const digest = await digestAt(context, previous.files, path)
  if (digest === undefined || (await context.blobs.size(digest)) === undefined) return undefined
  return { path, digest }
}

async function digestAt(
  context: RepositoryContext,
  files: Digest,
  path: ByteString,
): Promise<Digest | undefined> {
  const value = await lookup(context.trees, files, path)
  return value === undefined ? undefined : decodeFileEntry(value).sha256
}

/** Packages that the metadata does not name by SHA-256 are fetched to learn it, which `immediate` would do anyway. */
function createNaming(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  fetcher: Fetcher,
  signal: AbortSignal,
): (listing: Listing) => Promise<Digest> {
  const known = new Map<string, Promise<Digest>>()
  const { trusted } = mirror.upstream
  const bring = async (listing: Listing): Promise<Digest> => {
    const { path, base, checksum, size } = listing
    const source = base === undefined ? fetcher : fetcher.at([base])
    const isTrustedWithout = trusted || wantsSignedPackages(mirror.upstream)
    const options = { object: mirror.name, signal }
    return (await bringUnnamed(context, source, { path, checksum, size, isTrustedWithout }, options)).sha256
  }
  return async listing => {
    if (mirror.policy !== 'immediate') throw weakChecksum(listing, mirror.name)
    const key = `${listing.checksum.algorithm}:${listing.checksum.hex}`
    const found = known.get(key) ?? bring(listing)
    known.set(key, found)
    return found
  }
}
