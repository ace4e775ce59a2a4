import type { ByteString } from './byte-string.ts'
import { YardError } from './errors.ts'

/**
 * Why a path may not stand in a files tree, or undefined when it may: relative, `/`-separated, no empty, `.` or `..`
 * segment, no NUL, no backslash trick is interpreted, at most 4,096 bytes and 255 a segment.
 */
export function pathFault(path: ByteString): string | undefined {
  if (path.length === 0) return 'it is empty'
  if (path.length > 4096) return 'it is longer than 4096 bytes'
  if (path.startsWith('/')) return 'it is absolute'
  for (const segment of path.split('/')) {
    if (segment === '') return 'it has an empty segment'
    if (segment === '.' || segment === '..') return `it has a ${JSON.stringify(segment)} segment`
    if (segment.length > 255) return 'a segment is longer than 255 bytes'
  }
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code === 0 || code === 10 || code === 13) return 'it has a NUL or a line break'
  }
  return undefined
}

/** @throws YardError `invalid` naming `where` when the path could leave its tree. */
export function checkPath(path: ByteString, where: string): ByteString {
  const fault = pathFault(path)
  if (fault !== undefined)
    throw new YardError('invalid', `${where}: unsafe path ${JSON.stringify(path.slice(0, 200))}: ${fault}`)
  return path
}
