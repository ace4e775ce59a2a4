import { type ByteString, YardError } from '../../model/index.ts'
import { type ArMember, readAr } from '../archive/ar.ts'
import { collect } from '../archive/byte-source.ts'
import { type Compression, compressionOf, decompress } from '../archive/decompress.ts'
import { readTar, type TarEntry } from '../archive/tar.ts'

/** What the control archive of a binary package holds, byte for byte. */
export interface PackageFile {
  /** The control stanza. */
  control: Buffer
  conffiles: Buffer | undefined
  md5sums: Buffer | undefined
}

/** How far to read. */
export interface PackageWishes {
  /**
   * Called with every entry of data.tar in order, its body to be read within the call; `stop` ends the reading there.
   * Without it nothing behind the control archive is read or checked.
   */
  entry?: (entry: TarEntry, file: PackageFile) => Promise<'stop' | undefined>
  /** Most bytes that data.tar may hold uncompressed. Default 64 GiB; memory is bounded in any case. */
  maxDataBytes?: number
}

const maxControlBytes = 1024 * 1024
const maxListBytes = 32 * 1024 * 1024
const maxControlArchiveBytes = 128 * 1024 * 1024
const defaultMaxDataBytes = 64 * 1024 ** 3
const controlCompressions: Compression[] = ['none', 'gzip', 'xz', 'zstd']

/**
 * Reads a binary package (deb(5)): `debian-binary` 2.x, control.tar and data.tar in the compressions that dpkg 1.21 reads, but for
 * the obsolete lzma. Members whose names begin with `_` are passed over, as are those behind data.tar.
 * @throws YardError `invalid`, with `object` and what is wrong where.
 */
export async function readPackageFile(
  bytes: AsyncIterable<Uint8Array>,
  object: string,
  wishes: PackageWishes = {},
): Promise<PackageFile> {
  let stage: 'version' | 'control' | 'data' | 'rest' = 'version'
  let file: PackageFile | undefined
  for await (const member of readAr(bytes, object)) {
    if (stage === 'rest' || (stage !== 'version' && member.name.startsWith('_'))) continue
    switch (stage) {
      case 'version':
        await checkFormatVersion(member, object)
        stage = 'control'
        break
      case 'control':
        file = await readControl(member, object)
        if (wishes.entry === undefined) return file
        stage = 'data'
        break
      case 'data':
        if ((await walkData(member, object, wishes, file!)) === 'stop') return file!
        stage = 'rest'
    }
  }
  if (file === undefined) throw fault(object, 'it has no control.tar')
  if (stage === 'data') throw fault(object, 'it has no data.tar')
  return file
}

/** The first line of the first member says `2.` and a minor version, which may grow without harm. */
async function checkFormatVersion(member: ArMember, object: string): Promise<void> {
  if (member.name !== 'debian-binary') throw fault(object, 'its first member is not debian-binary')
  const text = (await collect(member.body, 1024))?.toString('latin1') ?? ''
  if (!/^2\.[0-9]{1,4}\n/.test(text))
    throw fault(object, `its format version is not 2.x: ${JSON.stringify(text.slice(0, 20))}`)
}

async function readControl(member: ArMember, object: string): Promise<PackageFile> {
  const compression = compressionOfMember(member, 'control.tar', object)
  if (!controlCompressions.includes(compression))
    throw fault(object, `control.tar cannot be compressed with ${compression}`)
  const name = `${object} (${member.name})`
  const archive = decompress(compression, member.body, { maxBytes: maxControlArchiveBytes, object: name })
  const found = new Map<ByteString, Buffer>()
  for await (const entry of readTar(archive, { object: name })) {
    const path = relativePath(entry.path)
    if (entry.type !== 'file' || !['control', 'conffiles', 'md5sums'].includes(path)) continue
    if (found.has(path)) throw fault(object, `its control.tar has ${path} twice`)
    found.set(path, await wholeEntry(entry, path === 'control' ? maxControlBytes : maxListBytes, object))
  }
  const control = found.get('control')
  if (control === undefined) throw fault(object, 'its control.tar has no file control')
  return { control, conffiles: found.get('conffiles'), md5sums: found.get('md5sums') }
}

async function walkData(
  member: ArMember,
  object: string,
  { entry: visit, maxDataBytes = defaultMaxDataBytes }: PackageWishes,
  file: PackageFile,
): Promise<'stop' | undefined> {
  const compression = compressionOfMember(member, 'data.tar', object)
  const name = `${object} (${member.name})`
  const archive = decompress(compression, member.body, { maxBytes: maxDataBytes, object: name })
  for await (const entry of readTar(archive, { object: name }))
    if ((await visit?.(entry, file)) === 'stop') return 'stop'
  return undefined
}

function compressionOfMember(member: ArMember, wanted: string, object: string): Compression {
  const suffix = member.name.startsWith(wanted) ? member.name.slice(wanted.length) : undefined
  if (suffix === undefined || !['', '.gz', '.xz', '.zst', '.bz2', '.lzma'].includes(suffix))
    throw fault(object, `${wanted} was expected where ${JSON.stringify(member.name)} is`)
  if (suffix === '.lzma')
    throw fault(object, `its ${member.name} is compressed with lzma, which is not supported`)
  return compressionOf(member.name)
}

async function wholeEntry(entry: TarEntry, maxBytes: number, object: string): Promise<Buffer> {
  const bytes = await collect(entry.body, maxBytes)
  if (bytes === undefined) throw fault(object, `its ${entry.path} is larger than ${maxBytes} bytes`)
  return bytes
}

/** Entries are named `./usr/bin/x`, by some programs `usr/bin/x`. */
export function relativePath(path: ByteString): ByteString {
  return path.startsWith('./') ? path.slice(2) : path
}

function fault(object: string, why: string): YardError {
  return new YardError('invalid', `${object} is no valid package file: ${why}`)
}
