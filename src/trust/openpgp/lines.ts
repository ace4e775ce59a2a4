/** One line of text: where it begins, where it ends without trailing blanks (space, tab, CR, LF), and where the next one begins. */
export interface Line {
  start: number
  end: number
  next: number
}

const lf = 10
const cr = 13

/** The lines of bytes from `offset`; a last one without LF counts. */
export function* linesOf(bytes: Buffer, offset = 0): Generator<Line> {
  let start = offset
  while (start < bytes.length) {
    const found = bytes.indexOf(lf, start)
    const next = found === -1 ? bytes.length : found + 1
    yield { start, end: endWithoutBlanks(bytes, start, next), next }
    start = next
  }
}

function endWithoutBlanks(bytes: Buffer, start: number, next: number): number {
  let end = next
  while (end > start && isBlank(bytes[end - 1]!)) end--
  return end
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === cr || byte === lf
}
