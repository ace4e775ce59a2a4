import { type Checksum, formatEvr, identityOf, readPrimary } from '../formats/index.ts'
import { type ByteString, type Digest, YardError } from '../model/index.ts'
import { encodePackageKey } from '../tree/index.ts'
import { joinPath } from '../upstream/index.ts'

/** One package as primary.xml lists it. */
export interface Listing {
  name: ByteString
  architecture: ByteString
  /** `epoch:version-release`, without an epoch of 0. */
  version: ByteString
  checksum: Checksum
  /** Within the files tree. */
  path: ByteString
  /** A URL at which the file lies instead of in the repository. */
  base: ByteString | undefined
  /** In bytes. */
  size: number
}

/**
 * What the verbs need of a `<package>` of primary.xml. `directory`: the one above its `repodata/`, within the files tree.
 * @throws YardError `invalid` naming `object`.
 */
export function readListing(fragment: Buffer, object: string, directory: ByteString): Listing {
  const { name, arch, epoch, version, release, checksum, href, base, size } = identityOf(fragment, object)
  return {
    name,
    architecture: arch,
    version: formatEvr({ epoch: epoch === '0' ? undefined : epoch, version, release }),
    checksum,
    path: joinPath(directory, pathOfHref(href)),
    base,
    size,
  }
}

/** A location as a path of the files tree. */
export function pathOfHref(href: ByteString): ByteString {
  return href.replace(/^(?:\.\/)+/, '')
}

/** The name of the source package that a listed one was built from; a source package is its own. */
export function sourceOfListing(fragment: Buffer, object: string): ByteString {
  return sourcePackageOf(fragment, object)?.name ?? readPrimary(fragment, object).name
}

/** Name and `version-release` of the source package that a listed one was built from; undefined where it names none. */
export function sourcePackageOf(
  fragment: Buffer,
  object: string,
): { name: ByteString; version: ByteString } | undefined {
  return sourcePackage(plainSourceRpm(fragment) ?? readPrimary(fragment, object).sourceRpm)
}

/**
 * The text of `<rpm:sourcerpm>` where it stands plainly, which it nearly always does: a fragment that a sync has proved to be
 * well-formed need not be read whole for it. Without comments and CDATA there is no other place for a start tag to stand.
 */
function plainSourceRpm(fragment: Buffer): ByteString | undefined {
  const start = fragment.indexOf(sourceRpmTag)
  if (start < 0 || fragment.includes('<!') || fragment.includes('<?')) return undefined
  const from = start + sourceRpmTag.length
  const end = fragment.indexOf(0x3c, from)
  const text = fragment.toString('latin1', from, end)
  return /^[^&\s]+$/.test(text) ? text : undefined
}

const sourceRpmTag = '<rpm:sourcerpm>'

function sourcePackage(file: ByteString): { name: ByteString; version: ByteString } | undefined {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/s.exec(file) ?? []
  return name === undefined ? undefined : { name, version: version! }
}

/**
 * The key of a listing in a packages tree. A package that is listed at several places has one key: its value then holds
 * all its fragments.
 */
export function listingKey(
  family: 'rpm' | 'rpm-filelists' | 'rpm-other',
  { name, architecture, version, directory = '' }: ListingIdentity,
  digest: Digest,
): ByteString {
  return encodePackageKey({ family, suite: '', component: directory, architecture, name, version, digest })
}

/** `directory`: of a mirror with several, the one above the repodata that lists it. */
type ListingIdentity = Pick<Listing, 'name' | 'architecture' | 'version'> & { directory?: ByteString }

/** XML has no NUL, so fragments are told apart by it. */
const separator = 0

/** The value of a key: its fragments, sorted. One that a document repeats is repeated, so that a copy can go and the other stay. */
export function valueOfFragments(fragments: readonly Buffer[]): Buffer {
  if (fragments.length === 1) return fragments[0]!
  return Buffer.concat(
    fragments
      .toSorted(Buffer.compare)
      .flatMap((fragment, i) => (i === 0 ? [fragment] : [Buffer.of(separator), fragment])),
  )
}

/** The fragments that a value holds, at least one. */
export function fragmentsOfValue(value: Uint8Array): Buffer[] {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const fragments: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator, start)) {
    fragments.push(bytes.subarray(start, end))
    start = end + 1
  }
  return [...fragments, bytes.subarray(start)]
}

/** The SHA-256 by which the metadata names the package, or undefined when it names it by something else only. */
export function digestOfListing({ checksum }: Listing): Digest | undefined {
  return checksum.algorithm === 'sha256' ? (checksum.hex as Digest) : undefined
}

/** @throws YardError `untrusted`: the package has no SHA-256, and its policy does not let us compute one. */
export function weakChecksum(listing: Listing, object: string): YardError {
  return new YardError(
    'untrusted',
    `${object} names ${listing.path} by ${listing.checksum.algorithm} only; no snapshot was made, the last one is still served`,
    {
      hint: 'set `policy: immediate`: every package is then fetched at once and named by the SHA-256 of what came',
    },
  )
}
