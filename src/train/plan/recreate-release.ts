import type { ReleaseRecord } from '../../model/index.ts'
import { findSnapshot, listReleases } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { checkComplete, commitRelease, policyOf } from '../cut-release.ts'
import { declaredTrain } from '../declared-train.ts'
import { underTrainLock } from '../train-lock.ts'
import type { CutStep } from './plan-item.ts'

/**
 * Cuts a release that was first cut in another yard: under the same name, of snapshots with the same content, judged by this
 * yard's policy and signed by its keys.
 * @throws YardError as `cutRelease`; `exists` when somebody else made a release of that name meanwhile.
 */
export async function recreateRelease(context: TrainContext, step: CutStep): Promise<ReleaseRecord> {
  const { train: name, release, snapshots, bumpOf, why } = step
  const train = declaredTrain(context, name)
  return underTrainLock(context, name, async () => {
    const records = await Promise.all(
      Object.values(snapshots).map(({ repository, timestamp }) =>
        findSnapshot(context, `${repository}@${timestamp}`),
      ),
    )
    await checkComplete(context, train, records)
    const from = bumpOf ?? (await listReleases(context.refs, name)).findLast(listed => listed < release)
    return commitRelease(context, {
      version: 1,
      train: name,
      timestamp: release,
      kind: bumpOf === undefined ? 'regular' : 'bump',
      snapshots,
      ...(from === undefined ? {} : { from }),
      policy: policyOf(train),
      who: context.actor.who,
      ...(why === undefined ? {} : { why }),
    })
  })
}
