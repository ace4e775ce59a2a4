import { compareEvr, type ListedChange, parseEvr } from '../../formats/index.ts'
import { type ByteString, textOfByteString as text } from '../../model/index.ts'

/**
 * The entries of a changelog that its older self had not, newest first. One that says of which version it is, and that
 * this is the old one or older, is no news either: repositories keep but the newest entries of each package.
 */
export function newerEntries(
  before: readonly ListedChange[],
  after: readonly ListedChange[],
  oldVersion: ByteString,
): ListedChange[] {
  const identity = ({ author, date, text }: ListedChange) => `${date}\0${author}\0${text}`
  const known = new Set(before.map(identity))
  return after
    .filter(entry => !known.has(identity(entry)) && !isOfVersion(entry, oldVersion))
    .sort((a, b) => b.date - a.date)
}

/** Entries as rpm prints them: `* Sat Nov 21 2026 Nobody <nobody@example.org> - 1.2-3`, then what they say. */
export function changelogText(entries: readonly ListedChange[]): string {
  return entries
    .map(entry => `* ${dayOf(entry.date)} ${text(entry.author)}\n${text(entry.text).trimEnd()}\n`)
    .join('\n')
}

/**
 * Whether an entry says that it is of this version or an older one. By custom the version stands behind the author's address, in
 * brackets or behind a hyphen; an epoch is often left out, and so is the `.fc41` of the release.
 */
function isOfVersion({ author }: ListedChange, version: ByteString): boolean {
  const stated = /[>\s][\s-]*\[?([0-9][^\s\]>]*)\]?\s*$/.exec(author)?.[1]
  if (stated === undefined) return false
  const old = parseEvr(version)
  const own = parseEvr(stated)
  return compareEvr({ ...own, epoch: own.epoch ?? old.epoch }, old) <= 0
}

function dayOf(seconds: number): string {
  const [weekday, day, month, year] = new Date(seconds * 1000).toUTCString().split(/,? /)
  return `${weekday} ${month} ${day} ${year}`
}
