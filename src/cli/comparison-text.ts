import type { SnapshotName } from '../model/index.ts'
import type { Mending } from '../repository/index.ts'
import type { ComparedSide, Comparison, RepositoryComparison } from '../train/index.ts'
import { contentText, needWords, sumText } from './diff-text.ts'
import { countText } from './text.ts'

/**
 * What differs between two references, for a person: two snapshots as `git diff` would; releases first in sum, then repository
 * by repository.
 */
export function comparisonText(comparison: Comparison): string {
  const { from, to, repositories, sum } = comparison
  const head = `${sideText(from)} -> ${sideText(to)}: ${sumText(sum)}\n`
  if (from.kind === 'snapshot' && to.kind === 'snapshot')
    return `${head}${repositories.map(({ diff }) => contentText(diff)).join('')}`
  return [
    head,
    mendingText('mended', sum.mended),
    mendingText('LOST', sum.lost),
    sum.needs === undefined ? '' : `${needWords[sum.needs]}\n`,
    ...repositories.map(repositoryText),
  ].join('')
}

/** `web@20261121T070000Z (web/staging)`. */
export function sideText({ name, channel }: ComparedSide): string {
  return channel === undefined ? name : `${name} (${channel})`
}

/** `3 advisories, 5 CVEs, 1 more CVE in changelogs`; empty when there is nothing. */
export function mendingWords({ advisories, cves, changelogCves }: Mending): string {
  const parts: [count: number, noun: string, plural: string][] = [
    [advisories.length, 'advisory for security', 'advisories for security'],
    [cves.length, 'CVE', 'CVEs'],
    [changelogCves.length, 'CVE that only changelogs name', 'CVEs that only changelogs name'],
  ]
  return parts
    .filter(([count]) => count > 0)
    .map(([count, noun, plural]) => countText(count, noun, plural))
    .join(', ')
}

function mendingText(title: string, mending: Mending): string {
  const words = mendingWords(mending)
  return words === '' ? '' : `${title}: ${words}\n`
}

function repositoryText({ repository, from, to, diff }: RepositoryComparison): string {
  const head = `\n${repository}  ${pairText(from, to)}`
  if (from !== undefined && to !== undefined && nameText(from) === nameText(to)) return `${head}\n`
  return `${head}: ${sumText(diff)}\n${contentText(diff)}`
}

/** From which snapshot to which; what only one side has comes or goes as a whole. */
export function pairText(from: SnapshotName | undefined, to: SnapshotName | undefined): string {
  if (from === undefined) return `${nameText(to!)}, which the other side does not have`
  if (to === undefined) return `${nameText(from)}, which goes`
  return nameText(from) === nameText(to)
    ? `${nameText(to)}, the same`
    : `${nameText(from)} -> ${nameText(to)}`
}

function nameText({ repository, timestamp }: SnapshotName): string {
  return `${repository}@${timestamp}`
}
