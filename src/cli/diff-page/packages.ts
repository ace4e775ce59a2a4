import { textOfByteString } from '../../model/index.ts'
import { cvesIn, type DiffedPackage, type Need } from '../../repository/index.ts'
import { countText, sizeText } from '../text.ts'
import { type Markup, markup } from './markup.ts'
import { gravity, groupBySource, type SourceGroup, versionsText } from './source-groups.ts'

/** Every changed package, a row a source with its packages and changelog folded below it. */
export function packagesTable(packages: readonly DiffedPackage[]): Markup {
  if (packages.length === 0) return markup`<p class="dim">No package changed.</p>`
  const head = (title: string) =>
    markup`<th aria-sort="none" scope="col"${numeric.has(title) ? markup` class="n"` : undefined}><button type="button">${title}</button></th>`
  return markup`<table>
<thead><tr>${['Source', 'Change', 'Old → new', 'Packages', 'Size', 'Hosts'].map(head)}</tr></thead>
${groupBySource(packages).map(groupRows)}</table>
`
}

/** Columns of numbers. */
const numeric = new Set(['Packages', 'Size'])

function groupRows(group: SourceGroup): Markup {
  const { source, kind, versions, packages, needs, growth } = group
  return markup`<tbody data-group=""><tr>
<td><code>${source}</code></td>
<td data-key="${gravity.indexOf(kind)}">${kindBadge(kind)}</td>
<td class="v">${versions.length > 2 ? `${versions[0]} and ${versions.length - 1} more` : versions.join(', ')}</td>
<td class="n" data-key="${packages.length}">${packages.length}</td>
<td class="n" data-key="${growth}">${growthText(growth)}</td>
<td data-key="${needs === undefined ? 9 : needOrder.indexOf(needs)}">${needBadge(needs)}</td>
</tr><tr class="more"><td colspan="6">${folded(group)}</td></tr></tbody>
`
}

const kindLooks: { [kind in DiffedPackage['kind']]: { words: string; look: string } } = {
  downgraded: { words: 'downgraded', look: 'bad' },
  removed: { words: 'removed', look: 'bad' },
  rebuilt: { words: 're-issued', look: 'warn' },
  upgraded: { words: 'upgraded', look: 'good' },
  added: { words: 'added', look: 'new' },
}

export function kindBadge(kind: DiffedPackage['kind']): Markup {
  const { words, look } = kindLooks[kind]
  return markup`<span class="badge ${look}">${words}</span>`
}

const needOrder: readonly Need[] = ['reboot', 'restart', 'relogin']
const needTexts: { [need in Need]: string } = { reboot: 'reboot', restart: 'restart', relogin: 'new login' }

export function needBadge(need: Need | undefined): Markup | undefined {
  return need === undefined ? undefined : markup`<span class="badge warn">${needTexts[need]}</span>`
}

function growthText(bytes: number): string {
  return bytes === 0 ? '' : `${bytes > 0 ? '+' : ''}${sizeText(bytes)}`
}

function folded({ packages, changelogs, lostChangelogs }: SourceGroup): Markup {
  const cves = cvesIn(changelogs).length
  const parts = [
    countText(packages.length, 'package'),
    ...(changelogs.length > 0 ? ['changelog'] : []),
    ...(cves > 0 ? [countText(cves, 'CVE')] : []),
    ...(lostChangelogs.length > 0 ? ['what its changelog loses'] : []),
  ]
  return markup`<details><summary class="dim">${parts.join(', ')}</summary>
<table>${packages.map(packageRow)}</table>${changelogs.map(excerpt)}${lostChangelogs.map(lostExcerpt)}</details>`
}

function packageRow(change: DiffedPackage): Markup {
  const { name, kind, needs } = change
  const { suite, component, architecture } = (change.after ?? change.before)!
  const place = [suite, component, architecture].filter(part => part !== '').map(textOfByteString)
  return markup`<tr><td><code>${textOfByteString(name)}</code></td><td>${kindBadge(kind)} ${needBadge(needs)}</td><td class="v">${versionsText(change)}</td><td class="dim">${place.join('/')}</td></tr>`
}

/** In characters: enough for many entries of a changelog, and a page of 5,000 sources still opens. */
const maxExcerpt = 6000

function excerpt(text: string): Markup {
  if (text.length <= maxExcerpt) return markup`<pre>${text.trimEnd()}</pre>`
  const cut = text.slice(0, text.lastIndexOf('\n', maxExcerpt) + 1 || maxExcerpt)
  const more = text.slice(cut.length).split('\n').length
  return markup`<pre>${cut.trimEnd()}
… ${countText(more, 'more line')}</pre>`
}

function lostExcerpt(text: string): Markup {
  return markup`<p class="badge bad">goes back behind:</p>${excerpt(text)}`
}
