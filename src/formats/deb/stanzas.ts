import { YardError } from '../../model/index.ts'
import { createAccumulator } from '../accumulator.ts'

/** What a stanza scanner needs: its bound in bytes, and the name of the file for messages. */
export interface StanzaOptions {
  maxStanzaBytes: number
  object: string
}

/**
 * Cuts control data (deb822(5)) into stanzas, byte for byte. A stanza's bytes run to the newline of its last line,
 * without the empty lines around it; at the end of the input that newline may be missing. As in apt, a line is empty
 * when nothing but carriage returns stands before its newline; a line of blanks is not.
 */
export interface StanzaScanner {
  /**
   * The stanzas that this chunk completes, in order. They may share the chunk's memory: whoever keeps one keeps a copy.
   * @throws YardError `invalid` when a stanza is longer than the bound.
   */
  push(chunk: Buffer): Buffer[]
  /** The last stanza, when no empty line stood behind it. */
  end(): Buffer[]
}

const lineFeed = 10
const carriageReturn = 13

/** How much of a whole buffer is cut at a time: few enough stanzas that those nobody keeps die young. */
const sliceBytes = 1 << 20

/**
 * The stanzas of a whole buffer, as views of its memory but for the few that lie across two slices.
 * @throws YardError `invalid` when one is longer than the bound.
 */
export function* stanzasOf(bytes: Buffer, options: StanzaOptions): Generator<Buffer, void> {
  const scanner = createStanzaScanner(options)
  for (let at = 0; at < bytes.length; at += sliceBytes)
    yield* scanner.push(bytes.subarray(at, at + sliceBytes))
  yield* scanner.end()
}

export function createStanzaScanner({ maxStanzaBytes, object }: StanzaOptions): StanzaScanner {
  const begun = createAccumulator()
  /** What earlier chunks held of the current line: how many bytes, and whether it may still turn out to be empty. */
  let lineBytes = 0
  let lineIsEmpty = true
  let hasContent = false
  let offset = 0

  function push(chunk: Buffer): Buffer[] {
    const stanzas: Buffer[] = []
    let start = 0
    let at = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, at)) {
      if (lineIsEmpty && onlyReturns(chunk, at, end)) {
        if (hasContent) stanzas.push(finish(chunk.subarray(start, end + 1), lineBytes + end + 1 - at, start))
        begun.clear()
        hasContent = false
        start = end + 1
      } else hasContent = true
      lineIsEmpty = true
      lineBytes = 0
      at = end + 1
    }
    lineIsEmpty &&= onlyReturns(chunk, at, chunk.length)
    lineBytes += chunk.length - at
    checkLength(begun.length() + chunk.length - start, start)
    begun.add(chunk.subarray(start))
    offset += chunk.length
    return stanzas
  }

  /** The stanza that `rest` completes, whose last `emptyBytes` are the empty line behind it. */
  function finish(rest: Buffer, emptyBytes: number, start: number): Buffer {
    const length = begun.length() + rest.length - emptyBytes
    checkLength(length, start)
    if (begun.length() === 0) return rest.subarray(0, length)
    begun.add(rest)
    return begun.take().subarray(0, length)
  }

  function checkLength(length: number, start: number): void {
    if (length <= maxStanzaBytes) return
    const position = offset + start - begun.length()
    throw new YardError(
      'invalid',
      `${object}: the stanza that begins at byte ${position} is longer than ${maxStanzaBytes} bytes`,
    )
  }

  function end(): Buffer[] {
    const isStanza = hasContent || !lineIsEmpty
    const rest = begun.take()
    return isStanza ? [lineIsEmpty ? rest.subarray(0, rest.length - lineBytes) : rest] : []
  }

  return { push, end }
}

function onlyReturns(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== carriageReturn) return false
  return true
}
