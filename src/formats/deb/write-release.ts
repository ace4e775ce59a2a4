import { type ByteString, bytesOf, checkPath, type Digest, YardError } from '../../model/index.ts'
import { formatReleaseDate } from './release-date.ts'

/** What a Release file of our own says about itself. Empty texts are left out. Dates in ms. */
export interface ReleaseFields {
  origin: ByteString
  label: ByteString
  suite: ByteString
  codename: ByteString
  date: number
  validUntil?: number | undefined
  acquireByHash: boolean
  architectures: ByteString[]
  components: ByteString[]
  description?: ByteString
}

/** A file that a Release of ours names; `path` is relative to the directory of the Release, `size` in bytes. */
export interface WrittenFile {
  path: ByteString
  size: number
  sha256: Digest
}

/**
 * The text of a Release file of our own: always the same order of fields, then every file with its SHA-256, sorted by
 * path. The same values give the same bytes.
 * @throws YardError `invalid` for a value with a line break or NUL, and for an unsafe path or one with a blank.
 */
export function writeRelease(release: ReleaseFields, files: readonly WrittenFile[]): Buffer {
  const fields = [
    line('Origin', release.origin),
    line('Label', release.label),
    line('Suite', release.suite),
    line('Codename', release.codename),
    line('Date', formatReleaseDate(release.date)),
    line('Valid-Until', release.validUntil === undefined ? '' : formatReleaseDate(release.validUntil)),
    line('Acquire-By-Hash', release.acquireByHash ? 'yes' : ''),
    line('Architectures', release.architectures.join(' ')),
    line('Components', release.components.join(' ')),
    line('Description', release.description ?? ''),
  ]
  return bytesOf([...fields, 'SHA256:\n', ...writtenLines(files)].join(''))
}

/**
 * Upstream's Release text as a channel serves it (DESIGN.md, "Channels are sealed"): `Date` replaced, `Valid-Until`
 * removed or set, `Acquire-By-Hash: yes` ensured. Every other byte stays, all digests among them. Both dates in ms.
 * @throws YardError `invalid` when the text has no Date field.
 */
export function resealRelease(
  release: Buffer,
  { date, validUntil }: { date: number; validUntil?: number | undefined },
): Buffer {
  const fields = fieldsIn(release.toString('latin1')).filter(field => !hasName(field, 'valid-until'))
  if (!fields.some(field => hasName(field, 'date')))
    throw new YardError('invalid', 'a Release file without a Date cannot be sealed')
  const byHash = 'Acquire-By-Hash: yes\n'
  const seal = [
    `Date: ${formatReleaseDate(date)}\n`,
    validUntil === undefined ? '' : `Valid-Until: ${formatReleaseDate(validUntil)}\n`,
    fields.some(field => hasName(field, 'acquire-by-hash')) ? '' : byHash,
  ].join('')
  const sealed = fields.map(field =>
    hasName(field, 'date') ? seal : hasName(field, 'acquire-by-hash') ? byHash : field,
  )
  return bytesOf(sealed.join(''))
}

/** The text cut before every line that is no continuation: joined, the pieces are the text again. */
export function fieldsIn(text: ByteString): ByteString[] {
  return text.split(/(?<=\n)(?![ \t])/)
}

/** Whether a field of `fieldsIn` has this name, in lower case. */
export function hasName(field: ByteString, name: string): boolean {
  return field.slice(0, name.length + 1).toLowerCase() === `${name}:`
}

function line(name: string, value: ByteString): string {
  if (/[\0\r\n]/.test(value))
    throw new YardError('invalid', `Release: ${name} cannot hold ${JSON.stringify(value.slice(0, 200))}`)
  return value === '' ? '' : `${name}: ${value}\n`
}

/** The lines of a list of SHA-256 digests. @throws YardError `invalid` as `writeRelease`. */
export function writtenLines(files: readonly WrittenFile[]): string[] {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const width = sorted.reduce((widest, { size }) => Math.max(widest, String(size).length), 0)
  return sorted.map(
    ({ path, size, sha256 }) => ` ${sha256} ${String(size).padStart(width)} ${checkWord(path)}\n`,
  )
}

function checkWord(path: ByteString): ByteString {
  if (/[ \t]/.test(path))
    throw new YardError('invalid', `Release: a path with a blank cannot be named: ${JSON.stringify(path)}`)
  return checkPath(path, 'Release')
}
