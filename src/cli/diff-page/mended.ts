import { textOfByteString } from '../../model/index.ts'
import type { AdvisoryChange, Need } from '../../repository/index.ts'
import type { Comparison } from '../../train/index.ts'
import { countText, numberText } from '../text.ts'
import { type Markup, markup } from './markup.ts'
import { needBadge } from './packages.ts'

/** What is mended: advisories for security one by one, all others folded, and CVEs that only changelogs name. */
export function mended({ repositories, sum }: Comparison): Markup {
  const advisories = repositories.flatMap(({ diff }) => diff.advisories)
  const security = advisories.filter(isSecurity)
  const others = advisories.filter(one => !isSecurity(one))
  const { changelogCves } = sum.mended
  if (advisories.length === 0 && changelogCves.length === 0)
    return markup`<h2>What is mended</h2>
<p class="dim">No advisory comes in, and no changelog that was read names a CVE.</p>`
  return markup`<h2>What is mended</h2>
${security.length > 0 ? advisoryTable(security) : undefined}
${others.length > 0 ? markup`<details class="section"><summary>${countText(others.length, 'advisory', 'advisories')} not for security</summary>${advisoryTable(others)}</details>` : undefined}
${changelogCves.length > 0 ? markup`<p>Named in changelogs, by no advisory: ${changelogCves.map(cve => markup`<span class="badge">${cve}</span> `)}</p>` : undefined}`
}

function isSecurity({ type }: AdvisoryChange): boolean {
  return type.toLowerCase() === 'security'
}

function advisoryTable(advisories: AdvisoryChange[]): Markup {
  return markup`<table>
<thead><tr><th scope="col">Advisory</th><th scope="col">Severity</th><th scope="col">What</th><th scope="col">Packages</th></tr></thead>
<tbody>${advisories.map(advisoryRow)}</tbody></table>`
}

function advisoryRow({ id, kind, type, severity, title, cves, packages, needs }: AdvisoryChange): Markup {
  const names = [...new Set(packages.map(({ name }) => textOfByteString(name)))]
  return markup`<tr><td><code>${id}</code>${kind === 'updated' ? markup` <span class="dim">(updated)</span>` : undefined}</td>
<td><span class="badge ${severityLook(severity)}">${severity || type || 'not graded'}</span> ${needBadge(needs)}</td>
<td>${title} <span class="dim">${cves.join(' ')}</span></td>
<td class="v">${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : undefined}</td></tr>
`
}

function severityLook(severity: string): string {
  const word = severity.toLowerCase()
  if (['critical', 'important', 'high', 'urgent'].includes(word)) return 'bad'
  return ['moderate', 'medium'].includes(word) ? 'warn' : 'plain'
}

const asks: [need: Need, words: string][] = [
  ['reboot', 'boot again'],
  ['restart', 'restart the services that use'],
  ['relogin', 'have users log in again, for'],
]

/** What hosts must do that have these packages. */
export function hosts({ repositories }: Comparison): Markup {
  const packages = repositories.flatMap(({ diff }) => diff.packages)
  const lines = asks.flatMap(([need, words]) => {
    const names = [
      ...new Set(packages.filter(one => one.needs === need).map(({ name }) => textOfByteString(name))),
    ]
    return names.length === 0
      ? []
      : [
          markup`<li><b>${words}</b>: ${names.slice(0, 30).join(', ')}${names.length > 30 ? ` and ${numberText(names.length - 30)} more` : undefined}</li>`,
        ]
  })
  return markup`<h2>What hosts must do</h2>
${lines.length === 0 ? markup`<p class="dim">Nothing beside installing.</p>` : markup`<ul>${lines}</ul>`}`
}
