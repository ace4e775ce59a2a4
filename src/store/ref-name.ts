import { pathFault, YardError } from '../model/index.ts'
import { maximumRefBytes } from './refs.ts'

/** @throws YardError `invalid` when the text cannot name a ref (or, but for `''`, a directory of refs). */
export function checkRefName(name: string): string {
  const fault = /[^\x20-\x7e]/.test(name) ? 'it is not printable ASCII' : pathFault(name)
  if (fault === undefined) return name
  throw new YardError('invalid', `not the name of a ref: ${JSON.stringify(name.slice(0, 200))}: ${fault}`)
}

/** The bytes of a ref to be written. @throws YardError `invalid` when they are too many. */
export function encodeRef(name: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length <= maximumRefBytes) return bytes
  throw new YardError(
    'invalid',
    `the ref ${name} would have ${bytes.length} bytes, more than ${maximumRefBytes}; nothing was changed`,
  )
}

/** A ref cannot be where a directory of refs is, nor below another ref. */
export function misplacedRef(name: string): YardError {
  return new YardError(
    'invalid',
    `the ref ${name} cannot be: a name is either a ref or a directory of refs; nothing was changed`,
  )
}

export function takenRef(name: string): YardError {
  return new YardError('exists', `the ref ${name} exists already; it was not changed`)
}
