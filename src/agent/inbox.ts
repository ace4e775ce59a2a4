import { type Stats, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { maximumHaltBytes, type Trusted } from '../trust/pure.ts'
import { namesIn, onDisk, readStart, removePath } from './host/disk.ts'
import type { Layout } from './host/layout.ts'
import type { AskedPlace } from './places/ask-places.ts'
import { fileSource } from './places/file-source.ts'

/** Most names that one check sees, and most of them that it looks into; what it did not see wakes the agent again. */
const mostNames = 1_000
const mostPlaces = 8

export interface Inbox {
  /** What lies there and may hold news: directories laid out as the departures are, and files of halts. All else only wakes. */
  places(trusted: Trusted): AskedPlace[]
  /** Removes what was seen. */
  empty(): void
}

/** What lies in the inbox now. */
export function openInbox({ inbox }: Pick<Layout, 'inbox'>): Inbox {
  const seen = namesIn(inbox).slice(0, mostNames)
  return {
    places: trusted =>
      seen
        .flatMap(name => {
          const path = join(inbox, name)
          const stat = onDisk('reading', path, () => statSync(path, { throwIfNoEntry: false }))
          return stat === undefined ? [] : placesIn(path, stat, trusted)
        })
        .slice(0, mostPlaces),
    empty() {
      for (const name of seen) removePath(join(inbox, name))
    },
  }
}

/** Has the agent check soon. */
export function wake({ inbox }: Pick<Layout, 'inbox'>): void {
  onDisk('writing', inbox, () => writeFileSync(join(inbox, 'wake'), ''))
}

function placesIn(path: string, stat: Stats, trusted: Trusted): AskedPlace[] {
  const { href } = pathToFileURL(path)
  if (stat.isDirectory()) return [{ url: href, source: fileSource(new URL(`${href}/`)) }]
  return stat.isFile() && path.endsWith('.json') ? [{ url: href, source: haltsAlone(path, trusted) }] : []
}

/** A file of halts, as `switchyard stop --out` writes it, is a place that has no other news. */
function haltsAlone(file: string, { metadata }: Trusted): AskedPlace['source'] {
  return {
    async fetch(path) {
      if (path === 'metadata/timestamp.json') return metadata.get('timestamp')
      return path === 'halt/latest.json' ? readStart(file, maximumHaltBytes + 1) : undefined
    },
  }
}
