import { YardError } from './errors.ts'
import { type Name, parseName } from './name.ts'
import { parseTimestamp, type Timestamp } from './timestamp.ts'

/** What `REPO`, `REPO@latest` or `REPO@20261121T064500Z` names: `at` undefined is the newest snapshot. */
export interface SnapshotReference {
  repository: Name
  at: Timestamp | undefined
}

/** @throws YardError `usage` when the text is no reference. */
export function parseReference(text: string): SnapshotReference {
  const [name, at, ...rest] = text.split('@')
  if (rest.length > 0)
    throw new YardError('usage', `not a reference: ${JSON.stringify(text)}`, {
      hint: 'write REPO, REPO@latest or REPO@20261121T064500Z',
    })
  return {
    repository: parseName(name!),
    at: at === undefined || at === 'latest' ? undefined : parseTimestamp(at),
  }
}
