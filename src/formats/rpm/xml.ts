import type { ByteString, YardError } from '../../model/index.ts'
import { XmlSource } from './xml-source.ts'
import { decodeXml, skipDeclaration } from './xml-text.ts'

/** What a reader stands on: a start tag, an end tag (`<x/>` gives both), text, or the end of the document. */
export type XmlToken = 'open' | 'close' | 'text' | 'end'

/** What no document that we read comes near, so that a hostile one costs little. */
const maxDepth = 32
const maxAttributes = 64
const maxValueBytes = 1 << 16

const lessThan = 60
const greaterThan = 62
const slash = 47
const exclamation = 33
const question = 63
const equals = 61
const doubleQuote = 34
const singleQuote = 39

/**
 * Reads one XML 1.0 document from front to back, strictly and within bounds: elements, attributes, text and CDATA, in byte
 * strings, names as they are written, prefix included. Comments and processing instructions are skipped. A document
 * type is refused, so there are no entities but the five of XML, and character references. Every method throws a YardError
 * `invalid` for what is not well-formed. Written here because a reader of JavaScript strings (saxes, the oracle in the
 * tests) cannot tell the reference `&#233;` from a byte E9.
 */
export class XmlReader {
  private readonly source: XmlSource
  private at = 0
  private tokenStart = 0
  private isCdata = false
  private isEmptyElement = false
  private hasRoot = false
  /** How many elements are open, and where the name of each begins and ends. */
  private depth = 0
  private readonly names: number[] = []
  /** Where name and value of each attribute of the start tag at hand begin and end. */
  private readonly attributeAt: number[] = []
  private attributeCount = 0
  /** The first `]]>` not before the point where it was last looked for. */
  private cdataEnd = -1

  /** `object` names the document in messages. */
  constructor(bytes: Uint8Array, object: string) {
    this.source = new XmlSource(bytes, object)
    const { text } = this.source
    const control = text.search(/[\0-\x08\x0b\x0c\x0e-\x1f]/)
    if (control >= 0) throw this.source.fault(control, 'a control character')
    this.at = skipDeclaration(text, text.startsWith('\xef\xbb\xbf') ? 3 : 0, object)
  }

  next(): XmlToken {
    if (this.isEmptyElement) return this.closeEmpty()
    for (;;) {
      this.tokenStart = this.at
      if (this.at === this.source.text.length) return this.finish()
      if (this.source.code(this.at) !== lessThan) {
        if (this.readCharacters()) return 'text'
        continue
      }
      switch (this.source.code(this.at + 1)) {
        case slash:
          return this.readEndTag()
        case question:
          this.skipInstruction()
          break
        case exclamation:
          if (this.readDeclaration()) return 'text'
          break
        default:
          return this.readStartTag()
      }
    }
  }

  /** Where the tag or text at hand begins, in bytes. */
  get start(): number {
    return this.tokenStart
  }

  /** Where the tag or text at hand ends, in bytes. */
  get end(): number {
    return this.at
  }

  /** The name of the innermost open element. */
  get name(): ByteString {
    return this.source.slice(this.names[2 * this.depth - 2]!, this.names[2 * this.depth - 1]!)
  }

  /** True when the innermost open element has this name. */
  isNamed(name: ByteString): boolean {
    return this.source.stands(name, this.names[2 * this.depth - 2]!, this.names[2 * this.depth - 1]!)
  }

  /** The value of an attribute of the start tag at hand. */
  attribute(name: ByteString): ByteString | undefined {
    const at = this.attributeAt
    for (let i = 0; i < 4 * this.attributeCount; i += 4)
      if (this.source.stands(name, at[i]!, at[i + 1]!)) return this.valueAt(i)
    return undefined
  }

  /** All attributes of the start tag at hand, in their order. */
  attributes(): Map<ByteString, ByteString> {
    const all = new Map<ByteString, ByteString>()
    for (let i = 0; i < 4 * this.attributeCount; i += 4)
      all.set(this.source.slice(this.attributeAt[i]!, this.attributeAt[i + 1]!), this.valueAt(i))
    return all
  }

  /** The text at hand. */
  get text(): ByteString {
    if (this.isCdata) return decodeXml(this.source.slice(this.tokenStart + 9, this.at - 3), 'cdata')
    return decodeXml(this.source.slice(this.tokenStart, this.at), 'text')
  }

  /** On a start tag: all text of its element, whose end tag then is at hand. Elements in it are refused. */
  readText(): ByteString {
    let text = ''
    for (let token = this.next(); token !== 'close'; token = this.next()) {
      if (token === 'open') throw this.fault(`<${this.name}> within an element of text`)
      text += this.text
    }
    return text
  }

  /** On a start tag: moves to the end tag of its element. */
  passOver(): void {
    const outside = this.depth - 1
    while (this.depth > outside) this.next()
  }

  /**
   * From a start tag, or the end tag of a child, to the start tag of the next child; false at the end tag of the element
   * itself. Text between children is passed over.
   */
  nextChild(): boolean {
    let token = this.next()
    while (token === 'text') token = this.next()
    return token === 'open'
  }

  /** Moves to the start tag of the document's element, which must have this name. */
  openRoot(name: ByteString): void {
    this.next()
    if (!this.isNamed(name)) throw this.fault(`it should be <${name}>, and is <${this.name}>`)
  }

  /** An error about the tag or text at hand. */
  fault(what: string): YardError {
    return this.source.fault(this.tokenStart, what)
  }

  private finish(): XmlToken {
    if (this.depth > 0) throw this.fault(`it ends within <${this.name}>`)
    if (!this.hasRoot) throw this.fault('it has no element')
    return 'end'
  }

  /** False where text is none of an element's: blanks around the root. */
  private readCharacters(): boolean {
    const start = this.at
    const next = this.source.text.indexOf('<', start)
    this.at = next < 0 ? this.source.text.length : next
    if (this.depth === 0) {
      if (/[^ \t\r\n]/.test(this.source.text.slice(start, this.at)))
        throw this.fault('text outside of the element')
      return false
    }
    this.source.checkReferences(start, this.at)
    if (this.cdataEnd < start) this.cdataEnd = this.source.indexOf(']]>', start)
    if (this.cdataEnd < this.at) throw this.source.fault(this.cdataEnd, '"]]>" in text')
    this.isCdata = false
    return true
  }

  private skipInstruction(): void {
    const end = this.source.indexOf('?>', this.at + 2)
    const nameEnd = this.source.nameEnd(this.at + 2)
    const name = this.source.text.slice(this.at + 2, nameEnd)
    if (
      end === this.source.text.length ||
      name === '' ||
      name.toLowerCase() === 'xml' ||
      (nameEnd !== end && !this.source.isBlank(nameEnd))
    )
      throw this.fault('malformed processing instruction')
    this.at = end + 2
  }

  /** Whatever begins with `<!`: true for CDATA, false for a comment. */
  private readDeclaration(): boolean {
    if (this.source.text.startsWith('<!--', this.at)) {
      const end = this.source.indexOf('--', this.at + 4)
      if (this.source.code(end + 2) !== greaterThan) throw this.fault('malformed comment')
      this.at = end + 3
      return false
    }
    if (!this.source.text.startsWith('<![CDATA[', this.at))
      throw this.fault('a document type or another declaration, which is not read')
    const end = this.source.indexOf(']]>', this.at + 9)
    if (this.depth === 0 || end === this.source.text.length) throw this.fault('malformed CDATA')
    this.at = end + 3
    this.isCdata = true
    return true
  }

  private readStartTag(): XmlToken {
    const nameEnd = this.source.nameEnd(this.at + 1)
    if (nameEnd === this.at + 1) throw this.fault('a "<" that begins no tag')
    if (this.depth === maxDepth) throw this.fault(`elements more than ${maxDepth} deep`)
    if (this.depth === 0 && this.hasRoot) throw this.fault('a second element behind the first')
    this.names[2 * this.depth] = this.at + 1
    this.names[2 * this.depth + 1] = nameEnd
    this.depth++
    this.hasRoot = true
    this.at = this.readAttributes(nameEnd)
    return 'open'
  }

  /** Where the start tag ends whose attributes begin at `at`. */
  private readAttributes(at: number): number {
    this.attributeCount = 0
    for (;;) {
      const start = this.source.skipBlanks(at)
      const code = this.source.code(start)
      if (code === greaterThan) return start + 1
      if (code === slash && this.source.code(start + 1) === greaterThan) {
        this.isEmptyElement = true
        return start + 2
      }
      if (start === at) throw this.source.fault(start, 'malformed tag')
      at = this.readAttribute(start)
    }
  }

  private readAttribute(start: number): number {
    const nameEnd = this.source.nameEnd(start)
    const equalsAt = this.source.skipBlanks(nameEnd)
    const quoteAt = this.source.skipBlanks(equalsAt + 1)
    const quote = this.source.code(quoteAt)
    if (nameEnd === start || this.source.code(equalsAt) !== equals)
      throw this.source.fault(start, 'malformed attribute')
    if (quote !== doubleQuote && quote !== singleQuote)
      throw this.source.fault(start, 'an attribute without quotes')
    const end = this.valueEnd(quoteAt + 1, quote)
    this.source.checkReferences(quoteAt + 1, end)
    this.addAttribute(start, nameEnd, quoteAt + 1, end)
    return end + 1
  }

  private valueEnd(start: number, quote: number): number {
    let end = start
    for (let code = this.source.code(end); code !== quote; code = this.source.code(++end))
      if (code === lessThan || end === this.source.text.length || end - start === maxValueBytes)
        throw this.source.fault(start, 'an attribute that does not end, or is too long')
    return end
  }

  private addAttribute(start: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = this.attributeAt
    const used = 4 * this.attributeCount
    if (this.attributeCount === maxAttributes) throw this.fault(`more than ${maxAttributes} attributes`)
    for (let i = 0; i < used; i += 4)
      if (at[i + 1]! - at[i]! === nameEnd - start && this.source.equal(at[i]!, start, nameEnd - start))
        throw this.source.fault(start, `the attribute ${this.source.slice(start, nameEnd)} stands twice`)
    at[used] = start
    at[used + 1] = nameEnd
    at[used + 2] = valueStart
    at[used + 3] = valueEnd
    this.attributeCount++
  }

  private readEndTag(): XmlToken {
    const start = this.at + 2
    const nameStart = this.names[2 * this.depth - 2]!
    const length = this.names[2 * this.depth - 1]! - nameStart
    if (this.depth === 0 || !this.source.equal(nameStart, start, length))
      throw this.fault(`an end tag that closes ${this.depth === 0 ? 'nothing' : `no <${this.name}>`}`)
    const end = this.source.skipBlanks(start + length)
    if (this.source.code(end) !== greaterThan) throw this.fault('malformed end tag')
    this.at = end + 1
    this.depth--
    return 'close'
  }

  private closeEmpty(): XmlToken {
    this.isEmptyElement = false
    this.tokenStart = this.at
    this.depth--
    return 'close'
  }

  private valueAt(i: number): ByteString {
    return decodeXml(this.source.slice(this.attributeAt[i + 2]!, this.attributeAt[i + 3]!), 'attribute')
  }
}
