import type { PackageDowngrade, SourceChange } from '../repository/index.ts'
import type { SourcesComparison } from '../train/index.ts'
import { sideText } from './comparison-text.ts'
import { countText, numberText, printable, safeText, tableText } from './text.ts'

/** For a person: the counts, the answer whether anything goes down, then a line for every source that is not the same. */
export function sourcesText(comparison: SourcesComparison): string {
  const { from, to, downgrades, sources } = comparison
  return [
    `${sideText(from)} -> ${sideText(to)}: ${countsText(comparison)}\n`,
    `${downgradeAnswer(comparison)}\n`,
    tableText(alike(downgrades).map(downgradeRow)),
    ...headings.map(([kind, heading]) => {
      const some = sources.filter(one => one.kind === kind)
      return some.length === 0 ? '' : `\n${heading}:\n${tableText(some.map(sourceRow))}`
    }),
  ].join('')
}

const headings: [kind: SourceChange['kind'], heading: string][] = [
  ['downgraded', 'SOURCES THAT GO DOWN'],
  ['removed', 'vanish'],
  ['added', 'come'],
  ['upgraded', 'go up'],
]

function countsText({ count }: SourcesComparison): string {
  const { upgraded, downgraded, removed, added, unchanged } = count
  const all = upgraded + downgraded + removed + added + unchanged
  return `of ${countText(all, 'source')} ${numberText(upgraded)} go up, ${numberText(downgraded)} down, ${numberText(removed)} vanish, ${numberText(added)} come, ${numberText(unchanged)} stay`
}

/** Would moving a host from one side to the other downgrade anything? */
function downgradeAnswer({ downgrades, architectures, count }: SourcesComparison): string {
  const on = architectures.length === 0 ? '' : ` on ${architectures.map(safeText).join(', ')}`
  if (downgrades.length > 0) {
    const sources = new Set(downgrades.map(one => `${one.family} ${one.source}`)).size
    return `Moving would DOWNGRADE ${countText(downgrades.length, 'package')} of ${countText(sources, 'source')}${on}:`
  }
  return architectures.length === 0 && count.downgraded > 0
    ? 'The two have no architecture in common: only sources are compared.'
    : `Moving would downgrade no package${on}.`
}

/** Packages of one source that go down from one version to another, on the same architectures. */
function alike(downgrades: readonly PackageDowngrade[]): PackageDowngrade[][] {
  const key = ({ family, source, before, after, architectures }: PackageDowngrade) =>
    [family, source, before, after, ...architectures].join('\0')
  const groups = [...Map.groupBy(downgrades, key)]
  return groups.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, some]) => some)
}

function downgradeRow(some: readonly PackageDowngrade[]): string[] {
  const { name, source, before, after, architectures, byEpoch } = some[0]!
  const isPlain = some.length === 1 && source === name
  return [
    `< ${safeText(source)}`,
    `${safeText(before)} -> ${safeText(after)}`,
    architectures.map(safeText).join(','),
    [
      ...(isPlain ? [] : [shortList(some.map(one => one.name))]),
      ...(byEpoch === undefined ? [] : ['(by its epoch alone)']),
    ].join(' '),
  ]
}

const signs = { added: '+', removed: '-', upgraded: '>', downgraded: '<' } as const

function sourceRow({ kind, name, before, after, packages, byEpoch, replacedBy }: SourceChange): string[] {
  const notes = [
    ...(byEpoch === undefined ? [] : ['by its epoch alone']),
    ...(replacedBy === undefined ? [] : [`packages of its names come from ${shortList(replacedBy)}`]),
  ]
  return [
    `${signs[kind]} ${safeText(name)}`,
    [before, after].flatMap(version => (version === undefined ? [] : [safeText(version)])).join(' -> '),
    countText(packages, 'package'),
    printable(notes.join(', ')),
  ]
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 3).map(safeText).join(', ')
  return names.length > 3 ? `${shown} and ${numberText(names.length - 3)} more` : shown
}
