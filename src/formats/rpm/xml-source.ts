import { type ByteString, byteStringOf, YardError } from '../../model/index.ts'
import { isBlank } from './blanks.ts'
import { referenceFault } from './xml-text.ts'

const maxNameBytes = 128

/** 1 for a byte that a name may begin with, 2 for one that may follow. Bytes above 127 are taken for letters. */
const nameBytes = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (/[A-Za-z_:]/.test(String.fromCharCode(byte)) || byte > 127) return 1
  return /[0-9.-]/.test(String.fromCharCode(byte)) ? 2 : 0
})

/** The bytes of a document, and the small questions that its reader asks about places in them. */
export class XmlSource {
  readonly bytes: Buffer
  /** The same bytes, for the searches that are faster in strings. */
  readonly text: ByteString
  private readonly object: string
  /** The first `&` not before the point where it was last looked for. */
  private ampersand = -1

  constructor(bytes: Uint8Array, object: string) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.text = byteStringOf(bytes)
    this.object = object
  }

  fault(at: number, what: string): YardError {
    return new YardError('invalid', `${this.object}: byte ${at}: ${what}`)
  }

  code(at: number): number {
    return this.text.charCodeAt(at)
  }

  /** Where a text next begins; the length when it does not. */
  indexOf(what: string, start: number): number {
    const found = this.text.indexOf(what, start)
    return found < 0 ? this.text.length : found
  }

  /** Short slices are copied by the engine anyway; a long one would keep the whole document in memory. */
  slice(start: number, end: number): ByteString {
    return end - start < 13 ? this.text.slice(start, end) : this.bytes.toString('latin1', start, end)
  }

  /** Whether exactly this name stands between two places. */
  stands(name: ByteString, start: number, end: number): boolean {
    return end - start === name.length && this.text.startsWith(name, start)
  }

  /** Whether the same bytes stand at two places. */
  equal(a: number, b: number, length: number): boolean {
    for (let i = 0; i < length; i++) if (this.bytes[a + i] !== this.bytes[b + i]) return false
    return true
  }

  /** Where the name ends that begins at `start`; `start` when there is none. */
  nameEnd(start: number): number {
    const { bytes } = this
    if (nameBytes[bytes[start]!] !== 1) return start
    let end = start + 1
    while (nameBytes[bytes[end]!]! > 0) end++
    if (end - start > maxNameBytes) throw this.fault(start, `a name longer than ${maxNameBytes} bytes`)
    return end
  }

  isBlank(at: number): boolean {
    return isBlank(this.text.charCodeAt(at))
  }

  skipBlanks(start: number): number {
    let at = start
    while (this.isBlank(at)) at++
    return at
  }

  /** @throws YardError `invalid` when a reference between two places is none; places must not go back from call to call. */
  checkReferences(start: number, end: number): void {
    if (this.ampersand < start) this.ampersand = this.indexOf('&', start)
    while (this.ampersand < end) {
      const fault = referenceFault(this.text, this.ampersand)
      if (fault !== undefined) throw this.fault(this.ampersand, fault)
      this.ampersand = this.indexOf('&', this.ampersand + 1)
    }
  }
}
