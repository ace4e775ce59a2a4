import { type ByteString, byteStringOf, YardError } from '../../model/index.ts'
import { type ByteSource, boundedBody, createByteSource } from './byte-source.ts'

/** One member of an ar archive. Its bytes can be read once, before the next member is asked for. */
export interface ArMember {
  name: ByteString
  /** In bytes. */
  size: number
  /** Where its bytes begin within the archive. */
  offset: number
  body: AsyncIterable<Buffer>
}

const magic = '!<arch>\n'
const headerSize = 60

/**
 * The members of an archive in the common ar format (deb(5), ar(5)) in order; what is left of a member's body when the
 * next one is asked for is passed over. Long names (GNU `//`, BSD `#1/`) and symbol tables are refused: no package has them.
 * @throws YardError `invalid`, with `object` and the offset, when a header is truncated or malformed or a body is cut short.
 */
export async function* readAr(
  bytes: AsyncIterable<Uint8Array>,
  object: string,
): AsyncGenerator<ArMember, void, undefined> {
  const source = createByteSource(bytes)
  try {
    if (byteStringOf(await source.read(magic.length)) !== magic)
      throw fault(object, 0, 'it does not begin with !<arch>')
    for (let header = await readHeader(source, object); header !== undefined; ) {
      const { name, size } = header
      const offset = source.offset
      const body = boundedBody(source, size, () =>
        fault(object, offset, `member ${JSON.stringify(name)} is cut short: ${size} bytes were announced`),
      )
      yield { name, size, offset, body: body.chunks }
      await body.skipRest()
      // Bodies begin at even offsets. As with dpkg and ar, the last one's padding may be missing.
      if (size % 2 === 1) await source.read(1)
      header = await readHeader(source, object)
    }
  } finally {
    await source.close()
  }
}

async function readHeader(
  source: ByteSource,
  object: string,
): Promise<{ name: ByteString; size: number } | undefined> {
  const offset = source.offset
  const header = byteStringOf(await source.read(headerSize))
  if (header.length === 0) return undefined
  if (header.length < headerSize) throw fault(object, offset, 'a member header is cut short')
  if (header.slice(58) !== '`\n') throw fault(object, offset, 'a member header has no end mark')
  const size = /^([0-9]{1,10}) *$/.exec(header.slice(48, 58))
  if (size === null) throw fault(object, offset, 'the size in a member header is not a number')
  return { name: checkedName(header.slice(0, 16), object, offset), size: Number(size[1]) }
}

/** As dpkg reads it: trailing spaces, then one trailing slash, are not part of the name. */
function checkedName(field: ByteString, object: string, offset: number): ByteString {
  const padded = field.trimEnd()
  if (padded.startsWith('/') || padded.startsWith('#1/'))
    throw fault(object, offset, 'it has a symbol table or long member names, which packages never have')
  const name = padded.endsWith('/') ? padded.slice(0, -1) : padded
  if (name === '' || name.includes('/') || name.includes('\0'))
    throw fault(object, offset, `${JSON.stringify(name)} is no member name`)
  return name
}

function fault(object: string, offset: number, why: string): YardError {
  return new YardError('invalid', `${object} is no valid ar archive: at byte ${offset}, ${why}`)
}
