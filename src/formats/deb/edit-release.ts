import { type ByteString, bytesOf } from '../../model/index.ts'
import { fieldsIn, hasName, type WrittenFile, writtenLines } from './write-release.ts'

const digestFields = ['md5sum', 'sha1', 'sha256', 'sha512']

/**
 * A Release text that names other files: the lines of those that are `gone` are taken out of every list of digests, those
 * of `added` stand at the end of `SHA256`. A list that becomes empty goes. Every other byte stays.
 * @param gone of a path as the Release writes it.
 * @throws YardError `invalid` for an added path that is unsafe or has a blank.
 */
export function withReleaseFiles(
  release: Buffer,
  gone: (path: ByteString) => boolean,
  added: readonly WrittenFile[],
): Buffer {
  const lines = writtenLines(added).join('')
  const text = release.toString('latin1')
  const fields = fieldsIn(text.endsWith('\n') ? text : `${text}\n`)
  const edited = fields.map(field => (isDigestList(field) ? withoutPaths(field, gone) : field))
  const strong = edited.findIndex(field => hasName(field, 'sha256'))
  if (lines !== '') {
    if (strong < 0) edited.push(`SHA256:\n${lines}`)
    else edited[strong] += lines
  }
  return bytesOf(edited.filter(field => !isDigestList(field) || /\n[ \t]/.test(field)).join(''))
}

function isDigestList(field: ByteString): boolean {
  return digestFields.some(name => hasName(field, name))
}

function withoutPaths(field: ByteString, gone: (path: ByteString) => boolean): ByteString {
  const [head, ...lines] = field.split(/(?<=\n)/)
  return [head, ...lines.filter(line => !gone(pathIn(line)))].join('')
}

/** ` digest size path`. */
function pathIn(line: ByteString): ByteString {
  return line.split(/[ \t\r\n]+/).at(3) ?? ''
}
