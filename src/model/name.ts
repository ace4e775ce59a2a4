import { YardError } from './errors.ts'

/** The name of a repository or a train: they share one namespace. */
export type Name = string & { readonly Name: unique symbol }

export function isName(text: string): text is Name {
  return /^[a-z0-9][a-z0-9.-]{0,62}$/.test(text)
}

/** @throws YardError `usage` when the text cannot be a name. */
export function parseName(text: string): Name {
  if (isName(text)) return text
  throw new YardError('usage', `not a name: ${JSON.stringify(text.slice(0, 80))}`, {
    hint: 'names are lower-case letters, digits, dots and dashes, at most 63, and begin with a letter or digit',
  })
}
