import { createHash, type Hash } from 'node:crypto'
import { type ByteString, YardError } from '../../model/index.ts'
import { type ByteSource, createByteSource } from '../archive/byte-source.ts'
import { bytesBehindIntro, type Header, type HeaderRole, introBytes, parseHeader } from './header.ts'
import { signatureTags, tags } from './tags.ts'

/** The 96 bytes that an RPM package begins with; but for the magic and the signature's type rpm ignores them. */
export interface Lead {
  major: number
  minor: number
  type: 'binary' | 'source'
  name: ByteString
}

export type DigestAlgorithm =
  | 'md5'
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha3-256'
  | 'sha3-512'

/** A digest that a package states of a part of itself, in hexadecimal digits as written. */
export interface StatedDigest {
  algorithm: DigestAlgorithm
  digest: ByteString
}

export interface Payload {
  /** As PAYLOADCOMPRESSOR says: `gzip`, `bzip2`, `xz`, `lzma`, `zstd`. */
  compressor: ByteString
  /** As PAYLOADFORMAT says: `cpio`, or `drpm`. */
  format: ByteString
  /** Where in the file its first byte stands; it reaches to the file's end. */
  offset: number
  /** What the main header says of the payload's compressed bytes; older packages say nothing. */
  digests: StatedDigest[]
}

/** What a package is but for its payload. */
export interface RpmFile {
  lead: Lead
  signature: Header
  header: Header
  /** Where the main header begins and ends in the file: the header-range of primary.xml. */
  headerStart: number
  headerEnd: number
  /** Both headers as they stand in the file, magic included, the signature header's padding not: what digests and signatures cover. */
  signatureBytes: Buffer
  headerBytes: Buffer
  payload: Payload
  /** Which digests matched, strongest first, when the payload was asked for. */
  verified: { header: DigestAlgorithm[]; payload: DigestAlgorithm[] } | undefined
}

export interface RpmWishes {
  /** Reads on to the end and checks every digest that the package states of its main header and its payload. */
  payload?: boolean
}

const leadBytes = 96
const leadMagic = Buffer.from([0xed, 0xab, 0xee, 0xdb])
const headerSignature = 5

/** OpenPGP's numbers of digest algorithms (RFC 9580, 9.5), which PAYLOADDIGESTALGO uses. */
const algorithms = new Map<number, DigestAlgorithm>([
  [1, 'md5'],
  [2, 'sha1'],
  [8, 'sha256'],
  [9, 'sha384'],
  [10, 'sha512'],
  [11, 'sha224'],
  [12, 'sha3-256'],
  [14, 'sha3-512'],
])

/**
 * Reads an RPM package of format 3, 4 or 6: lead, signature header and main header, and not a byte more than their
 * chunks unless `wishes.payload`. `object` names the package in messages.
 * @throws YardError `invalid` saying what is wrong where: a header that is cut off or lies about itself, a digest that
 *   does not match.
 */
export async function readRpm(
  bytes: AsyncIterable<Uint8Array>,
  object: string,
  wishes: RpmWishes = {},
): Promise<RpmFile> {
  const source = createByteSource(bytes)
  try {
    const file = await readHeaders(source, object)
    return wishes.payload === true ? { ...file, verified: await verify(file, source, object) } : file
  } finally {
    await source.close()
  }
}

async function readHeaders(source: ByteSource, object: string): Promise<RpmFile> {
  const lead = readLead(await source.read(leadBytes), object)
  const signatureBytes = await readHeaderBytes(source, 'signature', object)
  await source.read(-signatureBytes.length & 7)
  const headerStart = source.offset
  const headerBytes = await readHeaderBytes(source, 'main', object)
  const headerEnd = source.offset
  const header = parseHeader(headerBytes, 'main', object)
  return {
    lead,
    signature: parseHeader(signatureBytes, 'signature', object),
    header,
    headerStart,
    headerEnd,
    signatureBytes,
    headerBytes,
    payload: {
      compressor: header.get(tags.PAYLOADCOMPRESSOR) ?? 'gzip',
      format: header.get(tags.PAYLOADFORMAT) ?? 'cpio',
      offset: headerEnd,
      digests: payloadDigests(header),
    },
    verified: undefined,
  }
}

function readLead(lead: Buffer, object: string): Lead {
  if (lead.length < leadBytes || !lead.subarray(0, 4).equals(leadMagic))
    throw fault(object, 'it does not begin as one')
  const major = lead[4]!
  if (major < 3 || major > 4) throw fault(object, `its lead's version is ${major}, not 3 or 4`)
  const signatureType = lead.readUInt16BE(78)
  if (signatureType !== headerSignature)
    throw fault(object, `its signature's type is ${signatureType}, not 5`)
  return {
    major,
    minor: lead[5]!,
    type: lead.readUInt16BE(6) === 1 ? 'source' : 'binary',
    name: lead.toString('latin1', 10, 76).split('\0', 1)[0]!,
  }
}

async function readHeaderBytes(source: ByteSource, role: HeaderRole, object: string): Promise<Buffer> {
  const intro = await source.read(introBytes)
  const length = bytesBehindIntro(intro, role, object)
  const rest = await source.read(length)
  if (rest.length < length)
    throw fault(
      object,
      `it ends at byte ${source.offset}, ${length - rest.length} bytes before its ${role} header does`,
    )
  return Buffer.concat([intro, rest], introBytes + length)
}

function payloadDigests(header: Header): StatedDigest[] {
  const algorithm = algorithms.get(header.get(tags.PAYLOADDIGESTALGO) ?? 8)
  const tagged: [DigestAlgorithm | undefined, ByteString[]][] = [
    ['sha3-256', stated(header.get(tags.PAYLOADSHA3_256))],
    ['sha512', stated(header.get(tags.PAYLOADSHA512))],
    [algorithm, header.get(tags.PAYLOADDIGEST) ?? []],
  ]
  return tagged.flatMap(([algorithm, digests]) =>
    algorithm === undefined ? [] : digests.map(digest => ({ algorithm, digest })),
  )
}

function stated(digest: ByteString | undefined): ByteString[] {
  return digest === undefined ? [] : [digest]
}

async function verify(
  { signature, headerBytes, payload }: RpmFile,
  source: ByteSource,
  object: string,
): Promise<NonNullable<RpmFile['verified']>> {
  const ofHeader: StatedDigest[] = [
    ...stated(signature.get(signatureTags.SHA3_256)).map(digest => ({
      algorithm: 'sha3-256' as const,
      digest,
    })),
    ...stated(signature.get(signatureTags.SHA256)).map(digest => ({ algorithm: 'sha256' as const, digest })),
    ...stated(signature.get(signatureTags.SHA1)).map(digest => ({ algorithm: 'sha1' as const, digest })),
  ]
  const headerHashes = hashesFor(ofHeader)
  for (const hash of headerHashes.values()) hash.update(headerBytes)
  const header = matching(ofHeader, headerHashes, 'main header', object)
  const hashes = hashesFor(payload.digests)
  for (let part = await nextChunk(source); part !== undefined; part = await nextChunk(source))
    for (const hash of hashes.values()) hash.update(part)
  return { header, payload: matching(payload.digests, hashes, 'payload', object) }
}

function nextChunk(source: ByteSource): Promise<Buffer | undefined> {
  return source.chunk(1 << 20)
}

function hashesFor(digests: StatedDigest[]): Map<DigestAlgorithm, Hash> {
  return new Map(digests.map(({ algorithm }) => [algorithm, createHash(algorithm)]))
}

function matching(
  digests: StatedDigest[],
  hashes: Map<DigestAlgorithm, Hash>,
  part: string,
  object: string,
): DigestAlgorithm[] {
  const found = new Map([...hashes].map(([algorithm, hash]) => [algorithm, hash.digest('hex')]))
  for (const { algorithm, digest } of digests)
    if (digest.toLowerCase() !== found.get(algorithm))
      throw fault(
        object,
        `its ${part}'s ${algorithm} is ${found.get(algorithm)}, not ${JSON.stringify(digest.slice(0, 130))}`,
      )
  return [...found.keys()]
}

function fault(object: string, why: string): YardError {
  return new YardError('invalid', `${object} is no valid RPM package: ${why}`)
}
