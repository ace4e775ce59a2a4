import fc from 'fast-check'
import { byteStringOfText } from '../../model/index.ts'

const name = fc.constantFrom('a', 'rpm:entry', 'b-1', '_c', 'x.y', 'xml:base')
const blank = fc.constantFrom(' ', '\n', '\t ', '\r\n')
const maybeBlank = fc.constantFrom('', '', ' ', '\n')
const character = fc.constantFrom(
  'a',
  '1',
  ' ',
  '\n',
  '\r\n',
  '\t',
  '>',
  "'",
  '"',
  ']',
  '-',
  '?',
  '/',
  'é',
  '€',
  '😀',
)
const reference = fc.constantFrom(
  '&amp;',
  '&lt;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#65;',
  '&#x20AC;',
  '&#13;',
  '&#009;',
)
const text = fc.array(fc.oneof(character, reference), { maxLength: 6 }).map(parts => parts.join(''))
const opaque = fc.oneof(
  text.map(inner => `<!--${inner.replaceAll('-', '+')}-->`),
  text.map(inner => `<![CDATA[</a>${inner.replaceAll(']', '[')}]]>`),
  text.map(inner => `<?pi ${inner.replaceAll('?', '!')}?>`),
)

const attributes = fc
  .uniqueArray(fc.tuple(name, text, fc.constantFrom('"', "'"), blank, maybeBlank), {
    selector: ([key]) => key,
    maxLength: 4,
  })
  .map(all =>
    all
      .map(
        ([key, value, quote, before, around]) =>
          `${before}${key}${around}=${around}${quote}${value.replaceAll(quote, '')}${quote}`,
      )
      .join(''),
  )

const { element } = fc.letrec<{ element: string; content: string }>(tie => ({
  element: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(name, attributes, maybeBlank).map(([tag, written, space]) => `<${tag}${written}${space}/>`),
    fc
      .tuple(name, attributes, maybeBlank, fc.array(tie('content'), { maxLength: 5 }))
      .map(([tag, written, space, inner]) => `<${tag}${written}${space}>${inner.join('')}</${tag}${space}>`),
  ),
  content: fc.oneof(
    text.map(inner => inner.replaceAll(']', '')),
    opaque,
    tie('element'),
  ),
}))

/** A well-formed document, as a byte string in UTF-8. */
export const xmlDocument = fc
  .tuple(
    fc.constantFrom('', '<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0'?>\n<!-- x -->"),
    element,
    maybeBlank,
  )
  .map(parts => byteStringOfText(parts.join('')))
