import { textOfByteString } from '../../model/index.ts'
import type { DirectoryEntry } from '../../repository/index.ts'
import { escapeHtml, htmlPage } from '../html.ts'
import { encodePercent } from './content-path.ts'

/** A directory for people: subdirectories first, each part by the bytes of its names. `title` is what was asked for. */
export function directoryPage(title: string, entries: DirectoryEntry[]): string {
  const sorted = entries.toSorted(
    (a, b) => Number(b.directory) - Number(a.directory) || (a.name < b.name ? -1 : 1),
  )
  return htmlPage(
    title,
    `<table>\n<tr><td><a href="../">../</a></td></tr>\n${sorted.map(row).join('')}</table>`,
  )
}

function row(entry: DirectoryEntry): string {
  const slash = entry.directory ? '/' : ''
  // A leading `./`, so that a name with a colon is not read as a URL's scheme.
  const link = `./${encodePercent(entry.name)}${slash}`
  const size = entry.size === undefined ? '' : entry.size.toLocaleString('en')
  return `<tr><td><a href="${link}">${escapeHtml(textOfByteString(entry.name))}${slash}</a></td><td class="number">${size}</td></tr>\n`
}
