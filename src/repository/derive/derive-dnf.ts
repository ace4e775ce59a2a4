import {
  compressionOf,
  parseRepomd,
  type Repomd,
  type RepomdFile,
  updateinfoFrame,
  writeRepomd,
} from '../../formats/index.ts'
import {
  type ByteString,
  type DnfSnapshot,
  millisecondsOf,
  type RepodataRecord,
  YardError,
} from '../../model/index.ts'
import {
  countWithin,
  decodeFileEntry,
  decodePackageKey,
  edit,
  lookup,
  packagePrefix,
  prefixRange,
} from '../../tree/index.ts'
import { signDetached } from '../../trust/index.ts'
import { joinPath } from '../../upstream/index.ts'
import { readGroupDocuments } from '../compose/dnf/group-documents.ts'
import { advisoryEntries, begunModule, moduleEntries } from '../compose/dnf/group-entries.ts'
import { type FrameCompression, type WrittenDocument, writeFramed } from '../compose/framed-document.ts'
import type { RepositoryContext } from '../context.ts'
import type { StoredDocument } from '../mirror/dnf/primary-fragments.ts'
import { type FrameTable, readFrames, refNames, writeRecord } from '../records.ts'
import { obtainRepodata } from '../repodata-of.ts'
import { fragmentsOfValue, pathOfHref, readListing } from '../rpm-listings.ts'
import { signingDate } from '../seal.ts'
import { type DerivedContent, type DerivedMetadata, newer } from './derived-metadata.ts'
import { framesOf, primaryContents, sideContents } from './listing-contents.ts'
import { transplantAdvisories } from './transplant-advisories.ts'
import { transplantModules } from './transplant-modules.ts'

type Content = DerivedContent<DnfSnapshot>

const maxRepomdBytes = 8 * 1024 * 1024

/** Other forms of documents that list packages: they would say what was. */
const otherForms = /^(?:primary|filelists|other|updateinfo|modules)(?:_db|_zck|-ext.*)$/

/**
 * The metadata of a derived RPM snapshot: in every directory with a changed package primary, filelists and other are written anew,
 * advisories and modules where they speak of moved packages; other documents stay, but for databases of those. repomd.xml is signed by
 * the yard's keys.
 * @throws YardError `refused` when a package stands in a directory that the base has not; whatever fetching throws.
 */
export async function deriveDnf(context: RepositoryContext, content: Content): Promise<DerivedMetadata> {
  const { name, base, source } = content
  const keys = (await context.signers()).map(key => key.fingerprint)
  const directories = new Set(content.changes.map(({ key }) => decodePackageKey(key).component))
  for (const directory of directories)
    if (!base.repodata.some(part => part.directory === directory)) throw noDirectory(content, directory)
  const before = await readFrames(context.refs, name)
  const table: FrameTable = { version: 1, indexes: { ...before?.indexes } }
  const files: DerivedMetadata['files'] = new Map()
  const repodata: RepodataRecord[] = []
  let { packages } = content
  for (const part of base.repodata) {
    const { directory } = part
    if (!directories.has(directory)) {
      repodata.push(part)
      continue
    }
    const date = newer(part.date, partOf(source, directory)?.date)
    const work: Work = { directory, date, before, table, files }
    packages = await deriveDirectory(context, { ...content, packages }, work)
    const revision = String(millisecondsOf(date) / 1000)
    repodata.push({ directory, revision, date, signed: true, trust: { kind: 'keys', fingerprints: keys } })
  }
  await writeRecord(context.refs, refNames.frames(name), table)
  return {
    files,
    part: { format: 'dnf', repodata },
    places: ({ component, architecture }) => [{ suite: '', component, architecture }],
    packages,
  }
}

interface Work {
  directory: ByteString
  date: RepodataRecord['date']
  before: FrameTable | undefined
  table: FrameTable
  files: DerivedMetadata['files']
}

/** Writes one directory's repodata and answers the packages tree. */
async function deriveDirectory(context: RepositoryContext, content: Content, work: Work) {
  const { base, source, changes } = content
  const { directory, date, files } = work
  const own = changes.filter(({ key }) => decodePackageKey(key).component === directory)
  const [gone, come] = (['before', 'after'] as const).map(
    side =>
      new Set(
        own.flatMap(change =>
          change[side] !== undefined && decodePackageKey(change.key).family === 'rpm'
            ? pkgidsOf(change[side], base.repository)
            : [],
        ),
      ),
  )
  const repomd = await repomdOf(context, base, directory)
  const { packages, advisories, modules } = await groupsOf(context, content, directory)
  const contents = async (type: ByteString): Promise<AsyncIterable<Buffer> | 'kept' | 'gone'> => {
    if (type === 'primary') return primaryContents(context, packages, directory)
    if (type === 'filelists' || type === 'other')
      return sideContents(context, {
        document: type,
        base: (await storedIn(context, base, directory, type))!,
        source: await storedIn(context, source, directory, type),
        gone: gone!,
        come: come!,
      })
    if (type === 'updateinfo') return advisories ?? 'kept'
    if (type === 'modules') return modules ?? 'kept'
    return otherForms.test(type) ? 'gone' : 'kept'
  }
  const wanted = [...repomd.files]
  for (const type of ['updateinfo', 'modules'])
    if (!wanted.some(file => file.type === type) && (type === 'modules' ? modules : advisories) !== undefined)
      wanted.push(likeOthers(type, repomd))
  const named: RepomdFile[] = []
  for (const file of wanted) {
    const content = await contents(file.type)
    if (content === 'kept') {
      named.push(file)
      continue
    }
    if (repomd.files.includes(file)) files.set(joinPath(directory, pathOfHref(file.href)), undefined)
    if (content !== 'gone') named.push(await rewritten(context, file, content, work))
  }
  await signRepomd(context, { ...repomd, files: named }, directory, date, files)
  return packages
}

/** For a document that the base has not: it is compressed as primary is. */
function likeOthers(type: ByteString, { files }: Repomd): RepomdFile {
  const primary = files.find(file => file.type === 'primary')!
  return { ...primary, type }
}

const fileNames: { [type: string]: string } = { modules: 'modules.yaml' }

async function rewritten(
  context: RepositoryContext,
  file: RepomdFile,
  contents: AsyncIterable<Buffer>,
  { directory, date, before, table, files }: Work,
): Promise<RepomdFile> {
  const compression = compressionFor(file)
  const name = fileNames[file.type] ?? `${file.type}.xml`
  const index = joinPath(directory, `${name}.${compression}`)
  const written: WrittenDocument = await writeFramed(
    context,
    contents,
    [compression],
    () => before?.indexes[index],
  )
  const { entry, frames } = written.compressed.get(compression)!
  const href = `repodata/${entry.sha256}-${name}.${compression}`
  table.indexes[index] = { blob: entry.sha256, frames }
  files.set(joinPath(directory, href), entry)
  return {
    type: file.type,
    href,
    checksum: { algorithm: 'sha256', hex: entry.sha256 },
    openChecksum: { algorithm: 'sha256', hex: written.plain.sha256 },
    size: entry.size,
    openSize: written.plain.size,
    timestamp: millisecondsOf(date) / 1000,
    headerChecksum: undefined,
    headerSize: undefined,
    databaseVersion: undefined,
    extra: [],
  }
}

/** As the base has it, which its clients can read; but gzip for bzip2 and for what is not compressed. */
function compressionFor({ href }: RepomdFile): FrameCompression {
  const kind = compressionOf(href)
  return kind === 'zstd' ? 'zst' : kind === 'xz' ? 'xz' : 'gz'
}

async function signRepomd(
  context: RepositoryContext,
  repomd: Repomd,
  directory: ByteString,
  date: RepodataRecord['date'],
  files: DerivedMetadata['files'],
): Promise<void> {
  const at = millisecondsOf(date)
  const text = writeRepomd({ ...repomd, revision: String(at / 1000) })
  const keys = await context.signers()
  const signature = await signDetached(text, keys, signingDate(keys, at))
  const armoured = Buffer.from(await context.publicKeys(keys.map(key => key.fingerprint)))
  for (const [ending, bytes] of [
    ['', text],
    ['.asc', signature],
    ['.key', armoured],
  ] as const)
    files.set(joinPath(directory, `repodata/repomd.xml${ending}`), {
      sha256: await context.blobs.put(bytes),
      size: bytes.length,
    })
}

/** What is said of several packages; documents are undefined where they stay, the tree says it too where it is one of ours. */
async function groupsOf(context: RepositoryContext, content: Content, directory: ByteString) {
  const { base, source, moved, packages, signal } = content
  const read = (record: DnfSnapshot) => readGroupDocuments(context, [within(record, directory)], signal)
  const [ours, theirs] = await Promise.all([read(base), read(source)])
  const isMoved = (name: ByteString) => moved.packages.has(name)
  const advisories = transplantAdvisories(ours.advisories, theirs.advisories, isMoved)
  const modules = transplantModules(ours.modules, theirs.modules, isMoved)
  const isOurs = (await countWithin(context.trees, packages, prefixRange(packagePrefix('rpm-filelists')))) > 0
  const tree = isOurs
    ? (await edit(context.trees, packages, [moduleEntries(modules), advisoryEntries(advisories)])).root
    : packages
  return {
    packages: tree,
    advisories: isSame(
      ours.advisories.map(one => one.fragment),
      advisories.map(one => one.fragment),
    )
      ? undefined
      : framedUpdates(advisories.map(one => one.fragment)),
    modules: isSame(
      ours.modules.map(one => one.bytes),
      modules.map(one => one.bytes),
    )
      ? undefined
      : framesOf(modules.map(one => begunModule(one.bytes))),
  }
}

function isSame(before: Buffer[], after: Buffer[]): boolean {
  return before.length === after.length && before.every((one, i) => one.equals(after[i]!))
}

async function* framedUpdates(fragments: Buffer[]): AsyncGenerator<Buffer, void> {
  yield updateinfoFrame.head
  yield* framesOf(fragments)
  yield updateinfoFrame.tail
}

function pkgidsOf(value: Uint8Array, object: string): string[] {
  return fragmentsOfValue(value).map(fragment => readListing(fragment, object, '').checksum.hex)
}

function partOf(record: DnfSnapshot, directory: ByteString): RepodataRecord | undefined {
  return record.repodata.find(part => part.directory === directory)
}

/** The record with one directory alone. */
function within(record: DnfSnapshot, directory: ByteString): DnfSnapshot {
  return { ...record, repodata: record.repodata.filter(part => part.directory === directory) }
}

async function storedIn(
  context: RepositoryContext,
  record: DnfSnapshot,
  directory: ByteString,
  type: ByteString,
): Promise<StoredDocument | undefined> {
  return (await obtainRepodata(context, within(record, directory), type))[0]
}

async function repomdOf(
  context: RepositoryContext,
  base: DnfSnapshot,
  directory: ByteString,
): Promise<Repomd> {
  const path = joinPath(directory, 'repodata/repomd.xml')
  const value = await lookup(context.trees, base.files, path)
  if (value === undefined)
    throw new YardError('damaged', `${base.repository}@${base.timestamp} has no ${path}`, {
      hint: 'run `switchyard fsck`',
    })
  return parseRepomd(await context.blobs.read(decodeFileEntry(value).sha256, maxRepomdBytes), path)
}

function noDirectory({ name, base, source }: Content, directory: ByteString): YardError {
  return new YardError(
    'refused',
    `${name}: ${source.repository}@${source.timestamp} has packages in ${directory || 'its root'}, which ${base.repository}@${base.timestamp} has not; nothing was made`,
    { hint: 'cut a regular release: it takes over what the repository has become' },
  )
}
