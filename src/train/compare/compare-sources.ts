import { type SnapshotRecord, YardError } from '../../model/index.ts'
import { compareOffers, readOffer, type SourceComparison } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { type Referent, resolveReference } from '../reference.ts'
import { type ComparedSide, sideOf } from './pairs.ts'

/** What would become of the packages of hosts that moved from one side to the other, by source package. */
export interface SourcesComparison extends SourceComparison {
  from: ComparedSide
  to: ComparedSide
}

/**
 * Compares by source package what any two references offer to hosts, whatever repositories and suites they have: of everything
 * the highest version counts. Reads the packages trees of both sides once.
 * @throws YardError as `resolveReference` does; `usage` when one side is for apt and the other for dnf.
 */
export async function compareSources(
  context: TrainContext,
  from: string,
  to: string,
): Promise<SourcesComparison> {
  const before = await resolveReference(context, from)
  const after = await resolveReference(context, to)
  checkFormats(before, after)
  const compared = compareOffers(
    await readOffer(context, snapshotsOf(before)),
    await readOffer(context, snapshotsOf(after)),
  )
  return { from: sideOf(before), to: sideOf(after), ...compared }
}

function snapshotsOf(referent: Referent): SnapshotRecord[] {
  return referent.kind === 'snapshot' ? [referent.snapshot] : [...referent.snapshots.values()]
}

function checkFormats(before: Referent, after: Referent): void {
  const formats = new Set(snapshotsOf(before).map(({ format }) => format))
  if (snapshotsOf(after).some(({ format }) => formats.has(format))) return
  throw new YardError(
    'usage',
    `${before.name} and ${after.name} have no format in common: the one is for apt, the other for dnf, and their versions have no order`,
    { hint: 'name two references of one format' },
  )
}
