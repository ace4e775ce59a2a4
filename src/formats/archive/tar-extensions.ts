import type { ByteString } from '../../model/index.ts'
import { tarFault } from './tar-header.ts'

/** What a pax extended header says about an entry, as far as anybody here asks. */
export interface PaxFields {
  path?: ByteString
  linkpath?: ByteString
  size?: number
}

/** What headers before an entry have said about it. `global` holds for all later entries. */
export interface Extensions {
  longPath?: ByteString
  longTarget?: ByteString
  local: PaxFields
  global: PaxFields
}

export const emptyExtensions: Extensions = { local: {}, global: {} }

/**
 * The records of a pax extended header (POSIX.1-2001, "pax Extended Header"): `LENGTH KEY=VALUE\n`, where LENGTH counts itself.
 * @throws YardError `invalid` when a record is malformed or the entry is a sparse file.
 */
export function readPax(body: ByteString, object: string, offset: number): PaxFields {
  const fields: PaxFields = {}
  for (let start = 0; start < body.length; ) {
    const length = /^([1-9][0-9]{0,5}) /.exec(body.slice(start, start + 7))
    const end = start + Number(length?.[1] ?? 0)
    const record = length === null ? '' : body.slice(start + length[0].length, end)
    const equals = record.indexOf('=')
    if (end > body.length || !record.endsWith('\n') || equals < 1)
      throw tarFault(object, offset + start, 'a record of an extended header is malformed')
    apply(fields, record.slice(0, equals), record.slice(equals + 1, -1), object, offset + start)
    start = end
  }
  return fields
}

function apply(fields: PaxFields, key: string, value: ByteString, object: string, offset: number): void {
  if (key.startsWith('GNU.sparse.')) throw tarFault(object, offset, 'sparse files are not supported')
  if (key === 'size') fields.size = parseSize(value, object, offset)
  if (key !== 'path' && key !== 'linkpath') return
  if (value.includes('\0')) throw tarFault(object, offset, 'a path has a NUL')
  fields[key] = value
}

function parseSize(value: ByteString, object: string, offset: number): number {
  const size = /^[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN
  if (!Number.isSafeInteger(size)) throw tarFault(object, offset, 'the size of an entry is not a number')
  return size
}
