import type { ByteString, Digest } from '../../model/index.ts'

/**
 * Where a package file goes whose path is taken by other bytes: into a directory named by its digest, beside the
 * original. The only edit ever made in a stanza; `originalPath` undoes it.
 */
export function movedPath(path: ByteString, digest: Digest): ByteString {
  const slash = path.lastIndexOf('/') + 1
  return `${path.slice(0, slash)}by-digest/${digest}/${path.slice(slash)}`
}

/** The path before `movedPath`, or undefined when it is not a moved one. */
export function originalPath(path: ByteString): ByteString | undefined {
  const match = /^(.*\/)?by-digest\/[0-9a-f]{64}\/([^/]+)$/s.exec(path)
  return match === null ? undefined : `${match[1] ?? ''}${match[2]}`
}
