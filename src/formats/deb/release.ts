import { type ByteString, checkPath, type Digest, YardError } from '../../model/index.ts'
import { parseStanza } from './deb822.ts'
import { parseDigestLines } from './digest-lines.ts'
import { parseReleaseDate } from './release-date.ts'
import { stanzasOf } from './stanzas.ts'

/** A file that a Release names, with every digest it gives. Only `sha256` and `sha512` count as proof. */
export interface ReleaseFile {
  /** Relative to the directory of the Release file. */
  path: ByteString
  /** In bytes. */
  size: number
  md5?: string
  sha1?: string
  sha256?: Digest
  sha512?: string
}

/** What a Release file says (Debian repository format); a field that it does not have is an empty string or list. */
export interface Release {
  origin: ByteString
  label: ByteString
  suite: ByteString
  codename: ByteString
  version: ByteString
  description: ByteString
  /** Milliseconds since the epoch. */
  date: number
  validUntil: number | undefined
  architectures: ByteString[]
  components: ByteString[]
  acquireByHash: boolean
  /** `binary-all` indexes count: `all` is among the architectures, and packages of it are not repeated in every other index. */
  listsArchitectureAll: boolean
  notAutomatic: boolean
  butAutomaticUpgrades: boolean
  /** In the order in which they are first named. */
  files: ReleaseFile[]
}

const digestFields = [
  { field: 'md5sum', key: 'md5', hexDigits: 32 },
  { field: 'sha1', key: 'sha1', hexDigits: 40 },
  { field: 'sha256', key: 'sha256', hexDigits: 64 },
  { field: 'sha512', key: 'sha512', hexDigits: 128 },
] as const

/**
 * Reads a Release file, or the signed text of an InRelease. `object` names it in messages.
 * @throws YardError `invalid`: no or more than one stanza, no Date or a malformed one, an unsafe path, two sizes or two
 *   digests of one algorithm for one path.
 */
export function parseRelease(bytes: Buffer, object: string): Release {
  const fields = parseStanza(onlyStanza(bytes, object), object)
  const text = (name: string) => fields.get(name) ?? ''
  const date = dateOf(fields, 'date', object)
  if (date === undefined) throw new YardError('invalid', `${object}: it has no Date`)
  return {
    origin: text('origin'),
    label: text('label'),
    suite: text('suite'),
    codename: text('codename'),
    version: text('version'),
    description: text('description'),
    date,
    validUntil: dateOf(fields, 'valid-until', object),
    architectures: wordsOf(text('architectures')),
    components: wordsOf(text('components')),
    acquireByHash: isTrue(text('acquire-by-hash')),
    listsArchitectureAll:
      wordsOf(text('architectures')).includes('all') &&
      !wordsOf(text('no-support-for-architecture-all')).includes('Packages'),
    notAutomatic: isTrue(text('notautomatic')),
    butAutomaticUpgrades: isTrue(text('butautomaticupgrades')),
    files: filesOf(fields, object),
  }
}

/** The one stanza of a file that may hold only one. @throws YardError `invalid` for none or several. */
export function onlyStanza(bytes: Buffer, object: string): Buffer {
  const stanzas = [...stanzasOf(bytes, { maxStanzaBytes: bytes.length, object })]
  if (stanzas.length !== 1)
    throw new YardError('invalid', `${object}: it should be one stanza, but has ${stanzas.length}`)
  return stanzas[0]!
}

function dateOf(fields: Map<string, ByteString>, name: string, object: string): number | undefined {
  const value = fields.get(name)
  if (value === undefined) return undefined
  const date = parseReleaseDate(value)
  if (date !== undefined) return date
  throw new YardError('invalid', `${object}: its ${name} is no date: ${JSON.stringify(value.slice(0, 80))}`, {
    hint: 'Release files write dates as "Sun, 09 Aug 2026 09:13:02 UTC"',
  })
}

function wordsOf(value: ByteString): ByteString[] {
  return value.split(/[ \t\n]/).filter(word => word !== '')
}

/** As apt's StringToBool reads it. */
function isTrue(value: ByteString): boolean {
  return ['yes', 'true', 'with', 'on', 'enable', '1'].includes(value.toLowerCase())
}

function filesOf(fields: Map<string, ByteString>, object: string): ReleaseFile[] {
  const files = new Map<ByteString, ReleaseFile>()
  for (const { field, key, hexDigits } of digestFields) {
    const where = `${object}: ${field}`
    for (const { digest, size, name } of parseDigestLines(fields.get(field) ?? '', hexDigits, where)) {
      const file = files.get(name) ?? { path: checkPath(name, where), size }
      const known = file[key]
      if (file.size !== size || (known !== undefined && known !== digest))
        throw new YardError(
          'invalid',
          `${where}: ${JSON.stringify(name)} is named twice with different content`,
        )
      files.set(name, Object.assign(file, { [key]: digest }))
    }
  }
  return [...files.values()]
}
