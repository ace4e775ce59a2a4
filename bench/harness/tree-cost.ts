import { type Figure, ours } from './findings.ts'
import type { SyncAnswer } from './our-yard.ts'

/** What a snapshot stored, as the sync itself counted it. */
export function costOf(what: string, { cost }: SyncAnswer): Figure[] {
  const figure = (name: string, unit: Figure['unit'], value: number): Figure => ({
    what: `${what}: ${name}`,
    who: ours,
    unit,
    values: [value],
  })
  return [
    figure('requests', 'requests', cost.requests),
    figure("upstream's own index bytes", 'B', cost.fetchedBytes),
    figure('new file-tree pages', 'pages', cost.newFilePages),
    figure('new file-tree pages, stored', 'B', cost.newFilePageBytes),
    figure('new package-tree pages', 'pages', cost.newPackagePages),
    figure('new package-tree pages, stored', 'B', cost.newPackagePageBytes),
  ]
}
