import type { ByteString } from '../../model/index.ts'

export interface ChangelogEntry {
  version: ByteString
  /** As written, `unstable`; several with a space between them. */
  distribution: string
  /** Lower case; `''` when it is not given. */
  urgency: string
  /** From its heading to its sign-off line, for showing to a person. */
  text: string
}

/** Package, version, distributions, keywords (deb-changelog(5)). */
const heading = /^[a-zA-Z0-9][a-zA-Z0-9+.-]* \(([^()\s]+)\)((?: +[a-zA-Z0-9+.-]+)+);(.*)$/

/**
 * The entries of a Debian changelog (deb-changelog(5)), newest first as they stand. Lines that belong to no entry (editors' marks, headings in formats from
 * before 1996) are passed over: a changelog is prose for people and never an error.
 */
export function parseChangelog(bytes: Uint8Array): ChangelogEntry[] {
  const entries: { entry: ChangelogEntry; lines: string[] }[] = []
  for (const line of Buffer.from(bytes).toString('utf8').split('\n')) {
    const match = heading.exec(line.slice(0, 2000))
    if (match !== null) entries.push({ entry: entryOf(match), lines: [line] })
    else if (line === '' || line.startsWith(' ')) entries.at(-1)?.lines.push(line)
  }
  return entries.map(({ entry, lines }) => ({ ...entry, text: lines.join('\n').trimEnd() }))
}

/**
 * What changed from one version to a newer one: the entries with `older < version <= newer`, in the changelog's order. `compare` orders
 * versions as dpkg does. Where a rebuild has a version of its own (`+b1`), the changelog may have no entry for it.
 */
export function entriesBetween(
  changelog: readonly ChangelogEntry[],
  olderVersion: ByteString,
  newerVersion: ByteString,
  compare: (a: ByteString, b: ByteString) => number,
): ChangelogEntry[] {
  return changelog.filter(
    ({ version }) => compare(version, olderVersion) > 0 && compare(version, newerVersion) <= 0,
  )
}

function entryOf([, version, distributions, keywords]: RegExpExecArray): ChangelogEntry {
  const urgency = /(?:^|,)\s*urgency\s*=\s*([a-z]+)/i.exec(keywords!)
  return {
    version: version!,
    distribution: distributions!.trim().replace(/ +/g, ' '),
    urgency: urgency?.[1]?.toLowerCase() ?? '',
    text: '',
  }
}
