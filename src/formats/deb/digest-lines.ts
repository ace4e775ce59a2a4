import { type ByteString, YardError } from '../../model/index.ts'
import { linesOf } from './deb822.ts'

/** One line of a list of digests: `<digest> <size in bytes> <name>`. */
export interface DigestLine {
  digest: string
  size: number
  name: ByteString
}

const shape = /^([0-9a-f]+)[ \t]+([0-9]{1,16})[ \t]+([^ \t]+)$/

/**
 * The lines of a field such as `SHA256` (repository format) or `Checksums-Sha256` (deb-src-control(5)).
 * `hexDigits` is the length of the algorithm's digest; `where` names file and field for messages.
 * @throws YardError `invalid` when a line has another shape, or a size that is no safe integer.
 */
export function parseDigestLines(value: ByteString, hexDigits: number, where: string): DigestLine[] {
  return linesOf(value).map(line => {
    const match = shape.exec(line)
    const size = Number(match?.[2])
    if (match === null || match[1]!.length !== hexDigits || !Number.isSafeInteger(size))
      throw new YardError(
        'invalid',
        `${where}: not "digest size name": ${JSON.stringify(line.slice(0, 200))}`,
        {
          hint: `a digest here has ${hexDigits} lower-case hexadecimal digits`,
        },
      )
    return { digest: match[1]!, size, name: match[3]! }
  })
}
