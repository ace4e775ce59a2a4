/** HTML that is also well-formed XML. Only `markup` makes it, so nothing gets into a page unescaped. */
export interface Markup {
  readonly [written]: string
}

const written: unique symbol = Symbol('markup')

type Part = Markup | string | number | undefined | readonly Part[]

/** A template of HTML: texts and numbers between its parts are escaped, markup is not, lists are joined. */
export function markup(parts: TemplateStringsArray, ...values: Part[]): Markup {
  return { [written]: parts.reduce((html, part, i) => html + textOf(values[i - 1]) + part) }
}

/** Takes HTML as it is: for style and script, which are constants of this folder. */
export function verbatim(html: string): Markup {
  return { [written]: html }
}

export function htmlOf(part: Markup): string {
  return part[written]
}

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string') return escaped(part)
  if (typeof part === 'number') return String(part)
  return written in part ? part[written] : part.map(textOf).join('')
}

/**
 * Text for an element or a quoted attribute. Control characters, and those that turn the direction of text around, are shown
 * by their numbers: no name may look like another one.
 */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(hidden, character => `\\u{${character.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]/g
