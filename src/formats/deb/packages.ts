import { type ByteString, checkPath, type Digest, isDigest, pathFault, YardError } from '../../model/index.ts'
import { checkSize, checkToken, type Where } from '../index-token.ts'
import { fieldsOf, selectFields } from './deb822.ts'

/** How a package of another architecture may satisfy or stand beside this one (`no` when the field is missing or unknown). */
export type MultiArch = 'no' | 'same' | 'foreign' | 'allowed'

/** One package as a Packages index describes it; whatever else the stanza says is read from it with `fieldsOf`. */
export interface PackageEntry {
  name: ByteString
  version: ByteString
  architecture: ByteString
  /** Relative to the repository's base, without the `./` that flat repositories put before it. */
  filename: ByteString
  /** Of the package file, in bytes. */
  size: number
  sha256: Digest
  /** The source package that it was built from; the binary's own name and version where the stanza names no other. */
  source: ByteString
  sourceVersion: ByteString
  multiArch: MultiArch
  essential: boolean
}

const selection = selectFields(
  'Package',
  'Version',
  'Architecture',
  'Filename',
  'Size',
  'SHA256',
  'Source',
  'Multi-Arch',
  'Essential',
)

/**
 * Reads one stanza of a Packages index. `object` names the index in messages.
 * @throws YardError `invalid`: a malformed stanza, a missing or malformed field, a Filename that leaves the repository;
 *   `untrusted`: no SHA-256.
 */
export function readPackageStanza(stanza: Buffer, object: string): PackageEntry {
  const [name, version, architecture, filename, size, sha256, source, multiArch, essential] = fieldsOf(
    stanza,
    selection,
    object,
  )
  const where = () => `${object}: package ${printable(name)} ${printable(version)}`
  const entry = {
    name: checkToken(name, 'Package', where),
    version: checkToken(version, 'Version', where),
    architecture: checkToken(architecture, 'Architecture', where),
    filename: checkFilename(filename, where),
    size: checkSize(size, 'Size', where),
    sha256: checkSha256(sha256, where),
    multiArch: multiArchOf(multiArch),
    essential: essential?.toLowerCase() === 'yes',
  }
  return Object.assign(entry, sourceOf(source, entry.name, entry.version, where))
}

function checkFilename(filename: ByteString | undefined, where: Where): ByteString {
  if (filename === undefined) throw new YardError('invalid', `${where()}: it has no Filename`)
  const path = withoutDotSlash(filename)
  return pathFault(path) === undefined ? path : checkPath(path, where())
}

/** `./pool/x.deb` as `pool/x.deb`: tools that index flat directories write paths so. */
export function withoutDotSlash(path: ByteString): ByteString {
  let start = 0
  while (path.startsWith('./', start)) start += 2
  return path.slice(start)
}

function checkSha256(sha256: ByteString | undefined, where: Where): Digest {
  if (sha256 === undefined)
    throw new YardError('untrusted', `${where()}: it has no SHA256; MD5 and SHA-1 do not count`, {
      hint: 'ask whoever publishes the repository to list SHA-256 digests',
    })
  if (isDigest(sha256)) return sha256
  throw new YardError('invalid', `${where()}: malformed SHA256 ${JSON.stringify(sha256.slice(0, 80))}`)
}

/** `Source: name (version)`, deb-control(5). */
function sourceOf(
  source: ByteString | undefined,
  name: ByteString,
  version: ByteString,
  where: Where,
): { source: ByteString; sourceVersion: ByteString } {
  if (source === undefined) return { source: name, sourceVersion: version }
  const match = /^([^ \t(]+)(?:[ \t]*\([ \t]*([^ \t()]+)[ \t]*\))?$/.exec(source)
  if (match === null)
    throw new YardError('invalid', `${where()}: malformed Source ${JSON.stringify(source.slice(0, 80))}`)
  return {
    source: checkToken(match[1], 'Source', where),
    sourceVersion: checkToken(match[2] ?? version, 'Source version', where),
  }
}

/** As in apt, a value that nobody knows counts as `no`. */
function multiArchOf(value: ByteString | undefined): MultiArch {
  const lowerCase = value?.toLowerCase()
  return lowerCase === 'same' || lowerCase === 'foreign' || lowerCase === 'allowed' ? lowerCase : 'no'
}

function printable(value: ByteString | undefined): string {
  return value === undefined ? '(unnamed)' : value.slice(0, 120).replace(/[^!-~]/g, '?')
}
