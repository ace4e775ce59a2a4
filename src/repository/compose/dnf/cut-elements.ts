import { type ByteString, byteStringOf, bytesOf } from '../../../model/index.ts'

/**
 * A well-formed fragment of XML without some of its elements of one name, and without the blanks before each; every other
 * byte stays. `keeps` is asked for each in the order in which they stand, with the element's own bytes. Elements of
 * that name do not hold one another.
 */
export function withoutElements(
  fragment: Buffer,
  element: ByteString,
  keeps: (position: number, text: ByteString) => boolean,
): Buffer {
  const shape = new RegExp(
    // What an attribute or a comment holds is no element: `<` cannot stand in the former, the latter is passed over whole.
    `<!--.*?-->|<!\\[CDATA\\[.*?\\]\\]>|<\\?.*?\\?>|\\s*<${element}(?=[\\s/>])(?:[^<>"']|"[^"]*"|'[^']*')*?(?:/>|>(?:<!--.*?-->|<!\\[CDATA\\[.*?\\]\\]>|<\\?.*?\\?>|[^<]+|<(?!/${element}\\s*>))*</${element}\\s*>)`,
    'gs',
  )
  let position = 0
  return bytesOf(
    byteStringOf(fragment).replace(shape, text => {
      if (/^<[!?]/.test(text)) return text
      return keeps(position++, text) ? text : ''
    }),
  )
}
