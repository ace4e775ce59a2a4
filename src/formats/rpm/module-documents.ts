import { type ByteString, byteStringOf, YardError } from '../../model/index.ts'

/** More than any module's document has. */
const maxDocumentBytes = 1 << 20
const maxDocuments = 20_000

/**
 * Cuts a stream of YAML documents, as modules.yaml is, into documents byte for byte: each from its `---` line to the line
 * before the next, or to its `...` line. What stands between documents (directives, comments) is dropped. `object` names the stream in messages.
 * @throws YardError `invalid` for a document of more than 1 MiB, and for more than 20,000 documents.
 */
export function moduleDocumentsOf(bytes: Buffer, object: string): Buffer[] {
  const text = byteStringOf(bytes)
  const starts = startsIn(text, object)
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

function startsIn(text: ByteString, object: string): number[] {
  const starts: number[] = []
  for (const { index } of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    if (starts.length === maxDocuments)
      throw new YardError('invalid', `${object}: it has more than ${maxDocuments} documents`)
    starts.push(index)
  }
  return starts
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
