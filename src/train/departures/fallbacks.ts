import type { EvidenceRecord, Name, ReleaseRecord, Timestamp } from '../../model/index.ts'
import { listReleases } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { listKept } from '../evidence-files.ts'
import { install } from '../gates/install.ts'
import type { InstallOptions } from '../install/install-options.ts'

/** What of evidence tells whether a way back was tested. */
type Tested = Pick<EvidenceRecord, 'gate' | 'passed' | 'options' | 'against'>

/**
 * The releases to which machines really went back from the one that was judged: from each the gate `install` came to it, and went
 * back again. Oldest first, none below the floor.
 */
export function testedFallbacks(evidence: readonly Tested[], floor: Timestamp): Timestamp[] {
  const releases = evidence.flatMap(({ gate, passed, options, against }) => {
    if (gate !== install.name || !passed || against === undefined || against < floor) return []
    const { upgrade, downgrade } = options as unknown as InstallOptions
    return upgrade && downgrade ? [against] : []
  })
  return [...new Set(releases)].sort()
}

/** Those of a release in a channel that are here still, by the evidence that is kept and that this yard signed. */
export async function fallbacksOf(
  context: TrainContext,
  { train, timestamp }: Pick<ReleaseRecord, 'train' | 'timestamp'>,
  channel: Name,
  floor: Timestamp,
): Promise<Timestamp[]> {
  const kept = await listKept(context, { train, timestamp }, channel, install.name)
  const tested = testedFallbacks(
    kept.flatMap(one => ('evidence' in one ? [one.evidence] : [])),
    floor,
  )
  if (tested.length === 0) return []
  const listed = new Set(await listReleases(context.refs, train))
  return tested.filter(release => listed.has(release))
}
