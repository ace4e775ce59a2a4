import type {
  AdvisoryChange,
  ContentDiff,
  DiffedPackage,
  ModuleChange,
  Need,
  SnapshotDiff,
} from '../repository/index.ts'
import { changeText } from './report.ts'
import { countText, numberText, printable, safeText, sizeText, tableText } from './text.ts'

/**
 * A diff for a person: the counts, the security advisories with what they mend, what hosts must do, modules, then a line a
 * package with its changelog indented below it, and files.
 */
export function diffText(diff: SnapshotDiff): string {
  const { from, to } = diff
  return `${from.repository}@${from.timestamp} -> ${to.repository}@${to.timestamp}: ${sumText(diff)}\n${contentText(diff)}`
}

/** `2 upgraded; 5.00 kB come, 0 B go`. */
export function sumText({ count, addedBytes, removedBytes }: Sum): string {
  return `${changeText(count)}; ${sizeText(addedBytes)} come, ${sizeText(removedBytes)} go`
}

type Sum = Pick<ContentDiff, 'count' | 'addedBytes' | 'removedBytes'>

/** All but the counts. */
export function contentText(diff: ContentDiff): string {
  return [
    ...diff.notes.map(note => `note: ${printable(note)}\n`),
    lostText(diff.lostAdvisories),
    advisoriesText(diff.advisories),
    needsText(diff.packages),
    ...diff.modules.map(moduleText),
    packagesText(diff.packages),
    ...(diff.files ?? []).map(
      ({ path, before, after }) =>
        `${before === undefined ? 'A' : after === undefined ? 'D' : 'M'} ${safeText(path)}\n`,
    ),
  ].join('')
}

/** How many of each type; those for security one by one, each with its CVEs in a line of their own. */
function advisoriesText(advisories: readonly AdvisoryChange[]): string {
  if (advisories.length === 0) return ''
  const counts = [...Map.groupBy(advisories, ({ type }) => type.toLowerCase())].map(
    ([type, some]) => `${numberText(some.length)} ${type === '' ? 'without a type' : printable(type)}`,
  )
  const security = advisories.filter(({ type }) => type.toLowerCase() === 'security')
  return `advisories: ${counts.join(', ')}\n${advisoryLines(security)}`
}

function lostText(advisories: readonly AdvisoryChange[]): string {
  if (advisories.length === 0) return ''
  const count = countText(advisories.length, 'advisory', 'advisories')
  return `LOST: what ${count} asked for\n${advisoryLines(advisories)}`
}

function advisoryLines(advisories: readonly AdvisoryChange[]): string {
  const rows = tableText(advisories.map(advisoryRow)).split('\n')
  return advisories
    .map(({ cves }, i) => `${rows[i]}\n${cves.length === 0 ? '' : `      ${cves.join(' ')}\n`}`)
    .join('')
}

function advisoryRow({ id, kind, severity, title, packages }: AdvisoryChange): string[] {
  return [
    `  ${printable(id)}`,
    severity === '' ? '-' : printable(severity),
    countText(packages.length, 'package'),
    `${oneLine(title)}${kind === 'updated' ? ' (updated)' : ''}`,
  ]
}

/** What a need is called, the strongest first. */
export const needWords = {
  reboot: 'needs reboot',
  restart: 'needs restart',
  relogin: 'needs a new login',
} as const satisfies { [need in Need]: string }

function needsText(packages: readonly DiffedPackage[]): string {
  return Object.entries(needWords)
    .map(([need, words]) => {
      const names = new Set(packages.filter(({ needs }) => needs === need).map(({ name }) => safeText(name)))
      return names.size === 0 ? '' : `${words}: ${[...names].join(', ')}\n`
    })
    .join('')
}

function moduleText({ name, defaultStream, streams }: ModuleChange): string {
  const isDefault = ({ before, after }: { before?: string; after?: string }) =>
    `module ${printable(name)}: default stream ${printable(before ?? 'none')} -> ${printable(after ?? 'none')}\n`
  const lines = streams.map(({ stream, kind, addedPackages, removedPackages }) => {
    const counts = {
      added: `, ${countText(addedPackages.length, 'package')}`,
      removed: '',
      changed: `: ${countText(addedPackages.length, 'package')} come, ${numberText(removedPackages.length)} go`,
    }
    return `module ${printable(name)}:${printable(stream)} ${kind}${counts[kind]}\n`
  })
  return `${defaultStream === undefined ? '' : isDefault(defaultStream)}${lines.join('')}`
}

/** Packages of one source share a changelog, which stands below the first of them. */
function packagesText(packages: readonly DiffedPackage[]): string {
  const rows = tableText(packages.map(packageRow)).split('\n')
  const shown = new Set<string>()
  return packages
    .map(({ source, changelog }, i) => {
      const key = `${source}\0${changelog}`
      const isFirst = changelog !== undefined && !shown.has(key)
      shown.add(key)
      return `${rows[i]}\n${isFirst ? `${indented(changelog)}\n` : ''}`
    })
    .join('')
}

const signs = { added: '+', removed: '-', upgraded: '>', downgraded: '<', rebuilt: '~' } as const

function packageRow(change: DiffedPackage): string[] {
  const { before, after } = change
  const place = (after ?? before)!
  const name = safeText(change.name)
  return [
    `${signs[change.kind]} ${name}`,
    [before, after]
      .flatMap(version => (version === undefined ? [] : [safeText(version.version)]))
      .join(' -> '),
    safeText([place.suite, place.component, place.architecture].filter(part => part !== '').join('/')),
    change.kind === 'rebuilt' ? 'same version, other bytes' : sizeChange(change),
    change.source === change.name ? '' : `(source ${safeText(change.source)})`,
  ]
}

function sizeChange({ before, after }: DiffedPackage): string {
  if (before === undefined || after === undefined) return sizeText((after ?? before)!.size)
  const difference = after.size - before.size
  return difference === 0
    ? sizeText(after.size)
    : `${sizeText(after.size)} (${difference > 0 ? '+' : ''}${sizeText(difference)})`
}

function indented(text: string): string {
  return printable(text).replace(/^(?=.)/gm, '    ')
}

function oneLine(text: string): string {
  return printable(text.trim().replace(/\s+/g, ' '))
}
