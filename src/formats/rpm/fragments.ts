import { bytesOf, YardError } from '../../model/index.ts'
import { createAccumulator } from '../accumulator.ts'
import { isBlank } from './blanks.ts'
import { createEndFinder, endOfTag } from './fragment-end.ts'
import { type FragmentedDocument, type FragmentHead, fragmentedDocuments, readHead } from './fragment-head.ts'

/** Which document is cut, the bound of one fragment in bytes, and the document's name for messages. */
export interface FragmentOptions {
  document: FragmentedDocument
  maxFragmentBytes: number
  object: string
  /** Called once, before the first fragment. */
  onHead?: (head: FragmentHead) => void
}

/**
 * Cuts a document of repository metadata into the elements right below its root, byte for byte: `<package ...>...</package>`
 * of primary, filelists and other, `<update ...>...</update>` of updateinfo. What stands between two of them may be blanks
 * and comments, and is dropped. The inside of a fragment is looked at only to find its end; whoever reads its fields finds
 * what else is wrong with it.
 */
export interface FragmentScanner {
  /**
   * The fragments that this chunk completes, in order. They may share the chunk's memory: whoever keeps one keeps a copy.
   * @throws YardError `invalid`: another document, a fragment longer than the bound, anything but blanks and comments
   *   between fragments, more or fewer packages than the head says.
   */
  push(chunk: Buffer): Buffer[]
  /** @throws YardError `invalid` when the document is cut short. */
  end(): void
}

/** The fragments of a document that arrives in chunks, with a `FragmentScanner`'s errors. Memory does not grow with the document. */
export async function* fragmentsOf(
  chunks: AsyncIterable<Uint8Array>,
  options: FragmentOptions,
): AsyncGenerator<Buffer, void> {
  const scanner = createFragmentScanner(options)
  for await (const chunk of chunks)
    yield* scanner.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
  scanner.end()
}

const maxHeadBytes = 1 << 16
const lessThan = 60
const greaterThan = 62
const slash = 47
const question = 63
const comment = bytesOf('<!--')

export function createFragmentScanner(options: FragmentOptions): FragmentScanner {
  const { document, maxFragmentBytes, object } = options
  const { root, element } = fragmentedDocuments[document]
  const startTag = bytesOf(`<${element}`)
  const rootEndTag = bytesOf(`</${root}`)
  const finder = createEndFinder(element)
  const begun = createAccumulator()
  let place: 'head' | 'between' | 'behind' = 'head'
  /** How many bytes of the document came before those at hand. */
  let offset = 0
  let declared: number | undefined
  let count = 0

  function push(chunk: Buffer): Buffer[] {
    const isContinued = begun.length() > 0
    if (isContinued) begun.add(chunk)
    const bytes = isContinued ? begun.view() : chunk
    const fragments: Buffer[] = []
    let at = 0
    for (let next = step(bytes, at, fragments); next > at; next = step(bytes, at, fragments)) at = next
    offset += at
    if (bytes.length - at > (place === 'head' ? maxHeadBytes : maxFragmentBytes)) throw tooLong(offset)
    if (isContinued && at > 0) begun.take()
    if (!isContinued || at > 0) begun.add(bytes.subarray(at))
    return fragments
  }

  /** Reads one thing that begins at `at` and says where it ends; `at` when more bytes are needed. */
  function step(bytes: Buffer, at: number, fragments: Buffer[]): number {
    if (place === 'head') return stepHead(bytes, at)
    if (isBlank(bytes[at])) return skipBlanks(bytes, at)
    if (bytes.length - at < (place === 'between' ? rootEndTag.length + 1 : comment.length)) return at
    if (stands(comment, bytes, at)) {
      const end = bytes.indexOf('-->', at + comment.length)
      return end < 0 ? at : end + 3
    }
    if (place === 'between' && isTag(startTag, bytes, at)) return stepFragment(bytes, at, fragments)
    if (place === 'between' && isTag(rootEndTag, bytes, at)) return stepRootEnd(bytes, at)
    throw fault(
      at,
      `${shown(bytes, at)} where ${place === 'between' ? `<${element}> or </${root}>` : 'nothing more'} should stand`,
    )
  }

  function stepHead(bytes: Buffer, at: number): number {
    const end = endOfHead(bytes)
    if (end < 0) return at
    const head = readHead(bytes.subarray(0, end), document, object)
    declared = head.count
    options.onHead?.(head)
    place = 'between'
    if (bytes[end - 2] === slash) finish(end)
    return end
  }

  function stepFragment(bytes: Buffer, at: number, fragments: Buffer[]): number {
    const end = finder.find(bytes, at)
    if (end < 0) return at
    if (end - at > maxFragmentBytes) throw tooLong(offset + at)
    fragments.push(bytes.subarray(at, end))
    count++
    return end
  }

  function stepRootEnd(bytes: Buffer, at: number): number {
    const end = endOfTag(bytes, at)
    if (end < 0) return at
    if (skipBlanks(bytes, at + rootEndTag.length) !== end - 1)
      throw fault(at, `malformed ${shown(bytes, at)}`)
    finish(at)
    return end
  }

  function finish(at: number): void {
    place = 'behind'
    if (declared !== undefined && declared !== count)
      throw fault(at, `its head says that it has ${declared} packages, and it has ${count}`)
  }

  function end(): void {
    if (place === 'behind' && begun.length() === 0) return
    const what = place === 'head' ? `<${root}>` : place === 'between' ? `</${root}>` : 'a comment'
    throw new YardError(
      'invalid',
      `${object}: it is cut short: ${what} does not end, after ${offset + begun.length()} bytes`,
    )
  }

  function tooLong(at: number): YardError {
    const what = place === 'head' ? `head (<${root}>)` : `<${element}>`
    const bound = place === 'head' ? maxHeadBytes : maxFragmentBytes
    return new YardError(
      'invalid',
      `${object}: the ${what} that begins at byte ${at} is longer than ${bound} bytes`,
    )
  }

  function fault(at: number, what: string): YardError {
    return new YardError('invalid', `${object}: byte ${offset + at}: ${what}`)
  }

  return { push, end }
}

/** Where the start tag of the root ends, behind a declaration, comments and blanks; -1 when it is not there yet. */
function endOfHead(bytes: Buffer): number {
  let at = bytes.indexOf(lessThan)
  for (; at >= 0; at = bytes.indexOf(lessThan, at)) {
    const isInstruction = bytes[at + 1] === question
    if (!isInstruction && !stands(comment, bytes, at))
      return at + comment.length > bytes.length ? -1 : endOfTag(bytes, at)
    const end = bytes.indexOf(isInstruction ? '?>' : '-->', at + 2)
    if (end < 0) return -1
    at = end
  }
  return -1
}

function isTag(tag: Buffer, bytes: Buffer, at: number): boolean {
  const next = bytes[at + tag.length]
  return stands(tag, bytes, at) && (next === greaterThan || next === slash || isBlank(next))
}

function stands(what: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < what.length; i++) if (bytes[at + i] !== what[i]) return false
  return true
}

function skipBlanks(bytes: Buffer, start: number): number {
  let at = start
  while (isBlank(bytes[at])) at++
  return at
}

function shown(bytes: Buffer, at: number): string {
  return JSON.stringify(bytes.toString('latin1', at, at + 40))
}
