import { type ByteString, type Digest, isDigest, YardError } from '../model/index.ts'
import { shown } from './open-page.ts'

/** What a package is in a packages tree. Two packages that differ in nothing but their bytes are two keys. */
export interface PackageKey {
  /** Of package formats: `deb`, `deb-src`. */
  family: ByteString
  suite: ByteString
  component: ByteString
  /** Of the index that lists it, which for `all` is not the package's own. */
  architecture: ByteString
  name: ByteString
  version: ByteString
  /** SHA-256 of the package itself. */
  digest: Digest
}

/**
 * The key of a packages tree: the parts joined by NUL (docs/format/tree.md, "Package keys"). Versions stand in the
 * order of their bytes, which is not the order of versions.
 * @throws YardError `invalid` when a part has a NUL.
 */
export function encodePackageKey(key: PackageKey): ByteString {
  const { family, suite, component, architecture, name, version, digest } = key
  return joined([family, suite, component, architecture, name, version, digest])
}

/** @throws YardError `damaged` when the bytes are no package's key. */
export function decodePackageKey(key: ByteString): PackageKey {
  const [family, suite, component, architecture, name, version, digest, ...rest] = key.split('\0')
  if (digest === undefined || !isDigest(digest) || rest.length > 0)
    throw new YardError(
      'damaged',
      `${shown(key)} in a packages tree is not a package's key; nothing was changed`,
      {
        hint: 'run `switchyard fsck` to learn which snapshots hold it',
      },
    )
  return {
    family: family!,
    suite: suite!,
    component: component!,
    architecture: architecture!,
    name: name!,
    version: version!,
    digest,
  }
}

/** The prefix of all keys that agree in the given parts, for `prefixRange`. @throws YardError `invalid` when a part has a NUL. */
export function packagePrefix(
  family: ByteString,
  suite?: ByteString,
  component?: ByteString,
  architecture?: ByteString,
  name?: ByteString,
): ByteString {
  const parts = [family, suite, component, architecture, name]
  const absent = parts.indexOf(undefined)
  return `${joined(parts.slice(0, absent === -1 ? parts.length : absent) as ByteString[])}\0`
}

function joined(parts: ByteString[]): ByteString {
  for (const part of parts)
    if (part.includes('\0'))
      throw new YardError('invalid', `${shown(part)} has a NUL byte, which no name or version may have`)
  return parts.join('\0')
}
