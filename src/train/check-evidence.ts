import { isYardError, messageOf, type Name, type Timestamp, YardError } from '../model/index.ts'
import { refsBesideRelease } from '../repository/index.ts'
import { isApproval } from './approve.ts'
import type { TrainCheck } from './check-trains.ts'
import type { TrainContext } from './context.ts'
import { findEvidence, maxLogBytes, parseLabel } from './evidence-files.ts'

/**
 * Proves that what stands beside a release is what the yard signed, and that the logs of its evidence are here. With `repair`
 * what is not is taken away: it counts for nothing, and gates can judge anew.
 */
export async function checkEvidence(
  { context, repair, report }: TrainCheck,
  train: Name,
  release: Timestamp,
): Promise<void> {
  for (const ref of await refsBesideRelease(context.refs, train, release)) {
    report.checkedRefs++
    const problem = await problemOf(context, train, release, ref)
    if (problem === undefined) continue
    if (repair) await context.refs.remove(ref)
    report.findings.push({
      what: 'ref',
      name: ref,
      problem,
      repaired: repair,
      usedBy: [`${train}@${release}`],
    })
  }
}

async function problemOf(
  context: TrainContext,
  train: Name,
  release: Timestamp,
  ref: string,
): Promise<string | undefined> {
  try {
    const [, channel, label] = /\/evidence\/[^/]+\/([^/]+)\/([^/]+)\.json$/.exec(ref) ?? []
    if (label === undefined) await checkApproval(context, ref)
    else await checkGate(context, { train, release, channel: channel as Name, ...parseLabel(label) })
    return undefined
  } catch (error) {
    if (!isYardError(error, 'damaged', 'not-found', 'untrusted')) throw error
    return messageOf(error)
  }
}

async function checkApproval(context: TrainContext, ref: string): Promise<void> {
  if (!(await isApproval(context, ref)))
    throw new YardError('damaged', 'the approval is not what this yard signed')
}

async function checkGate(context: TrainContext, place: Parameters<typeof findEvidence>[1]): Promise<void> {
  const log = (await findEvidence(context, place))?.log
  if (log !== undefined) await context.blobs.read(log.sha256, maxLogBytes)
}
