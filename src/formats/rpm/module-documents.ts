import { type ByteString, byteStringOf, YardError } from '../../model/index.ts'

/** More than any module's document has. */
const maxDocumentBytes = 1 << 20

/**
 * Cuts a stream of YAML documents, as modules.yaml is, into documents byte for byte: each from its `---` line to the line before the next, or to its
 * `...` line. What stands between documents (directives, comments) is dropped. `object` names the stream in messages.
 * @throws YardError `invalid` for a document of more than 1 MiB.
 */
export function moduleDocumentsOf(bytes: Buffer, object: string): Buffer[] {
  const text = byteStringOf(bytes)
  const starts = [...text.matchAll(/^---(?=[ \t\r\n]|$)/gm)].map(({ index }) => index)
  const first = starts[0] ?? text.length
  const places = hasContent(text.slice(0, first)) ? [0, ...starts] : starts
  return places.map((start, i) => {
    const document = text.slice(start, places[i + 1] ?? text.length)
    const end = start + (endOf(document) ?? document.length)
    if (end - start > maxDocumentBytes)
      throw new YardError(
        'invalid',
        `${object}: the document at byte ${start} is longer than ${maxDocumentBytes} bytes`,
      )
    return bytes.subarray(start, end)
  })
}

/** Anything but directives, comments and blanks: a document may begin without `---`. */
function hasContent(text: ByteString): boolean {
  return /^(?![%#]|\.\.\.)[^\r\n]*[^ \t\r\n]/m.test(text)
}

/** Where a document ends behind its `...` line, when it has one. */
function endOf(document: ByteString): number | undefined {
  const match = /^\.\.\.[ \t]*(?:\r?\n|$)/m.exec(document)
  return match === null ? undefined : match.index + match[0].length
}
