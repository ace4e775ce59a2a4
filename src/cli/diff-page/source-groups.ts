import { textOfByteString } from '../../model/index.ts'
import type { DiffedPackage, Need } from '../../repository/index.ts'
import { needWords } from '../diff-text.ts'

/** The changed packages of one source, as one row of the page shows them; names and versions are text. */
export interface SourceGroup {
  source: string
  /** The gravest of its packages. */
  kind: DiffedPackage['kind']
  /** `old → new`, each pair once. */
  versions: string[]
  packages: DiffedPackage[]
  needs: Need | undefined
  /** How many bytes more its packages have together. */
  growth: number
  changelogs: string[]
  lostChangelogs: string[]
}

/** The gravest first. */
export const gravity: readonly DiffedPackage['kind'][] = [
  'downgraded',
  'removed',
  'rebuilt',
  'upgraded',
  'added',
]

/** By source: the gravest first, then by name. A package that several indexes list alike counts once. */
export function groupBySource(packages: readonly DiffedPackage[]): SourceGroup[] {
  return [...Map.groupBy(packages, ({ family, source }) => `${family}\0${source}`).values()]
    .map(groupOf)
    .sort((a, b) => gravity.indexOf(a.kind) - gravity.indexOf(b.kind) || (a.source < b.source ? -1 : 1))
}

function groupOf(packages: DiffedPackage[]): SourceGroup {
  const kinds = new Set(packages.map(({ kind }) => kind))
  const needs = new Set(packages.map(one => one.needs))
  return {
    source: textOfByteString(packages[0]!.source),
    kind: gravity.find(kind => kinds.has(kind))!,
    versions: [...new Set(packages.map(versionsText))],
    packages,
    needs: (Object.keys(needWords) as Need[]).find(need => needs.has(need)),
    growth: packages.reduce((sum, { before, after }) => sum + (after?.size ?? 0) - (before?.size ?? 0), 0),
    changelogs: [...new Set(packages.flatMap(({ changelog }) => changelog ?? []))],
    lostChangelogs: [...new Set(packages.flatMap(({ lostChangelog }) => lostChangelog ?? []))],
  }
}

/** `1.0-1 → 1.1-1`, or the one version of what came, went or was re-issued. */
export function versionsText({ before, after }: DiffedPackage): string {
  const both = [before, after].flatMap(one => (one === undefined ? [] : [textOfByteString(one.version)]))
  return [...new Set(both)].join(' → ')
}
