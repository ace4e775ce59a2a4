import type { DnfUpstream, MirrorConfiguration } from '../../../config/index.ts'
import { parseRepomd } from '../../../formats/index.ts'
import type { ByteString, Digest, DnfSnapshot, RepodataRecord, SnapshotRecord } from '../../../model/index.ts'
import { decodeFileEntry, lookup } from '../../../tree/index.ts'
import {
  type Fetcher,
  joinPath,
  type PartAnswer,
  type RepodataReading,
  readMirrors,
  readRepodata,
} from '../../../upstream/index.ts'
import type { RepositoryContext } from '../../context.ts'
import { ownMetadataPaths } from '../../metadata-paths.ts'
import { type Listing, pathOfHref, weakChecksum } from '../../rpm-listings.ts'
import type { MetadataFiles, MirrorFormat } from '../mirror-format.ts'
import { rememberElsewhere } from '../part-memory.ts'
import { bringUnnamed } from './bring-unnamed.ts'
import { editPackages, type PartChange } from './edit-packages.ts'
import type { StoredDocument } from './primary-fragments.ts'
import { fetchRepodata, type RepodataFile, repodataFiles } from './repodata-files.ts'

/** How RPM repositories are mirrored: their parts are directories with repodata. */
export async function dnfFormat(
  context: RepositoryContext,
  mirror: MirrorConfiguration,
  upstream: DnfUpstream,
): Promise<MirrorFormat<RepodataReading>> {
  const immediate = mirror.policy === 'immediate'
  const filesOf = new Map<RepodataReading, RepodataFile[]>()
  let listed: string[] = []
  const { urls, mirrors, verify, keyring, trusted } = upstream
  return {
    settings: {
      urls,
      mirrors: mirrors ?? null,
      verify: verify ?? null,
      keyring: keyring ?? null,
      trusted,
    },
    partsOf: record => new Map(repodataOf(record).map(({ directory, date }) => [directory, date])),
    async read(memory, signal) {
      const base = await context.fetcher(mirror)
      const list = mirrors && (await readMirrors(base, mirrors, { object: mirror.name, signal }))
      listed = list?.urls ?? []
      await rememberElsewhere(context, mirror, listed)
      const fetcher = list === undefined ? base : base.at(list.urls)
      const answer = await readRepodata(fetcher, {
        object: mirror.name,
        upstream,
        directory: '',
        keyring: await context.keyring(mirror),
        metalink: list?.metalink,
        memory: memory[''],
        now: context.now(),
        signal,
      })
      const parts = new Map<ByteString, PartAnswer<RepodataReading>>([['', answer]])
      return { fetcher, parts }
    },
    async editPackages(previous, readings, { fetcher, parts }, signal) {
      const changes: PartChange[] = repodataOf(previous)
        .filter(({ directory }) => !parts.has(directory))
        .map(({ directory }) => ({ directory, after: undefined, before: undefined }))
      for (const reading of readings) {
        const files = await repodataFiles(context, fetcher, reading, mirror.name, signal)
        filesOf.set(reading, files)
        await fetchRepodata(context, fetcher, files, { immediate: false, mirror: reading.mirror, signal })
        const after = files.find(({ type }) => type === 'primary')
        const before = previous && (await oldPrimary(context, previous, reading.directory))
        if (after === undefined || before?.digest !== after.sha256)
          changes.push({ directory: reading.directory, after: after && storedAs(after), before })
      }
      const bases = new Set<string>()
      const result = await editPackages(context, previous?.packages, changes, {
        seen: ({ base }) => void (base !== undefined && bases.size < maxBases && bases.add(base)),
        digest: createNaming(context, mirror, fetcher, signal),
      })
      if (bases.size > 0) await rememberElsewhere(context, mirror, [...listed, ...bases])
      return result
    },
    async metadataFiles(reading, fetcher, signal) {
      const files = filesOf.get(reading)!
      await fetchRepodata(context, fetcher, files, { immediate, mirror: reading.mirror, signal })
      const metadata: MetadataFiles = new Map()
      for (const { path, bytes } of reading.documents)
        metadata.set(path, { sha256: await context.blobs.put(bytes), size: bytes.length })
      for (const { path, sha256, size } of files) metadata.set(path, { sha256, size })
      return metadata
    },
    async oldMetadata(previous) {
      const old = new Map<ByteString, MetadataFiles>()
      for (const part of repodataOf(previous)) {
        const files: MetadataFiles = new Map()
        const record = { ...(previous as DnfSnapshot), repodata: [part] }
        for (const path of await ownMetadataPaths(context, record))
          files.set(path, decodeFileEntry((await lookup(context.trees, previous.files, path))!))
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

/** The primary.xml that the previous snapshot's packages were read from, when it is still here. */
async function oldPrimary(
  context: RepositoryContext,
  previous: SnapshotRecord,
  directory: ByteString,
): Promise<StoredDocument | undefined> {
  const path = joinPath(directory, 'repodata/repomd.xml')
  const repomd = await digestAt(context, previous.files, path)
  if (repomd === undefined || (await context.blobs.size(repomd)) === undefined) return undefined
  const { files } = parseRepomd(await context.blobs.read(repomd, maxRepomdBytes), path)
  const primary = files.find(({ type }) => type === 'primary')
  if (primary === undefined) return undefined
  const where = joinPath(directory, pathOfHref(primary.href))
  const digest = await digestAt(context, previous.files, where)
  if (digest === undefined || (await context.blobs.size(digest)) === undefined) return undefined
  return { path: where, digest }
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
  const { trusted, verify } = mirror.upstream as DnfUpstream
  const bring = async (listing: Listing): Promise<Digest> => {
    const { path, base, checksum, size } = listing
    const source = base === undefined ? fetcher : fetcher.at([base])
    const isTrustedWithout = trusted || verify === 'packages'
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
