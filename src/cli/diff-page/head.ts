import { textOfByteString } from '../../model/index.ts'
import type { DiffedPackage } from '../../repository/index.ts'
import type { Comparison } from '../../train/index.ts'
import { numberText, sizeText } from '../text.ts'
import { htmlOf, type Markup, markup } from './markup.ts'
import { versionsText } from './source-groups.ts'

/** The counts, and what a reviewer must not overlook: what goes down, away, or lost. */
export function head({ sum, repositories }: Comparison): Markup {
  const packages = repositories.flatMap(({ diff }) => diff.packages)
  const of = (kind: DiffedPackage['kind']) => packages.filter(one => one.kind === kind)
  return markup`${tiles(sum)}
${loud('bad', 'Go DOWN to an older version', of('downgraded').map(withVersions))}
${loud('bad', 'VANISH', of('removed').map(withVersions))}
${loud('bad', 'Mended before, LOST now', lostOnes(sum.lost))}
${loud('warn', 'Re-issued: the same version with other bytes', of('rebuilt').map(withVersions))}`
}

function tiles({ count, mended, addedBytes, removedBytes }: Comparison['sum']): Markup {
  const cves = mended.cves.length + mended.changelogCves.length
  const shown: [count: number, words: string, look: string][] = [
    [count.downgraded, 'downgraded', 'bad'],
    [count.removed, 'removed', 'bad'],
    [count.rebuilt, 're-issued', 'plain'],
    [count.upgraded, 'upgraded', 'plain'],
    [count.added, 'added', 'plain'],
    [mended.advisories.length, 'security advisories', 'good'],
    [cves, 'CVEs mended', 'good'],
  ]
  return markup`<ul class="tiles">${shown.map(
    ([count, words, look]) =>
      markup`<li class="${count === 0 ? 'plain' : look}"><b>${numberText(count)}</b>${words}</li>`,
  )}<li><b>${sizeText(addedBytes)}</b>come, ${sizeText(removedBytes)} go</li></ul>`
}

function withVersions(change: DiffedPackage): Markup {
  return markup`<code>${textOfByteString(change.name)}</code> <span class="v">${versionsText(change)}</span>`
}

function lostOnes({ advisories, cves, changelogCves }: Comparison['sum']['lost']): Markup[] {
  return [
    ...advisories.map(id => markup`${id}`),
    ...cves.map(id => markup`${id}`),
    ...changelogCves.map(id => markup`${id} <span class="dim">(named in a changelog)</span>`),
  ]
}

const shownAtOnce = 60

/** What several repositories or indexes tell alike is told once. */
function loud(look: string, title: string, all: Markup[]): Markup | undefined {
  const items = [...new Map(all.map(item => [htmlOf(item), item])).values()]
  if (items.length === 0) return undefined
  const list = (some: Markup[]) => markup`<ul>${some.map(item => markup`<li>${item}</li>`)}</ul>`
  const rest = items.slice(shownAtOnce)
  const more =
    rest.length === 0
      ? undefined
      : markup`<details><summary>and ${numberText(rest.length)} more</summary>${list(rest)}</details>`
  return markup`<section class="box ${look}"><h3>${numberText(items.length)} · ${title}</h3>${list(items.slice(0, shownAtOnce))}${more}</section>`
}
