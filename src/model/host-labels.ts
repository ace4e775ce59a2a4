import { YardError } from './errors.ts'

/** What the token or the operator says of a host, never the host itself. */
export interface Labels {
  [label: string]: string
}

/** They stand in the host's card twice while a rollout is open: as they are, and as they were. It has 4 KiB for everything. */
const mostLabels = 32
const mostBytes = 704

const labelShape = /^[a-z0-9](?:[a-z0-9._/-]{0,61}[a-z0-9])?$/
const valueShape = /^[\x20-\x7e]{0,128}$/

/** @throws YardError `usage` when some label or value is none, or they are too many for a host's card. */
export function checkLabels(labels: Labels): Labels {
  const entries = Object.entries(labels)
  if (entries.length > mostLabels)
    throw notLabels(`${entries.length} labels, and a host has ${mostLabels} at most`)
  for (const [label, value] of entries) {
    if (!labelShape.test(label)) throw notLabels(`not a label: ${quoted(label)}`)
    if (typeof value !== 'string' || !valueShape.test(value))
      throw notLabels(`not the value of a label: ${label}=${quoted(String(value))}`)
  }
  const bytes = JSON.stringify(labels).length
  if (bytes > mostBytes)
    throw notLabels(`labels of ${bytes} bytes, and a host's card has ${mostBytes} for them`)
  return labels
}

/** `site=north` as a label and its value; without `=` the value is empty. @throws YardError `usage`. */
export function parseLabel(text: string): { label: string; value: string } {
  const [label, ...rest] = text.split('=')
  const value = rest.join('=')
  checkLabels({ [label!]: value })
  return { label: label!, value }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}

function notLabels(why: string): YardError {
  return new YardError('usage', `${why}; nothing was changed`, {
    hint: 'write LABEL=VALUE: lower-case letters, digits and ._/- in the label, up to 128 printable characters in the value',
  })
}
