import { agentPackageNames, type ReleaseRecord, textOfByteString, YardError } from '../model/index.ts'
import type { TrainContext } from './context.ts'

/** Of one name in the history of one repository. */
const mostHits = 100_000

/**
 * No release has the agent in it: a host gets it past all trains, so that no release can break what takes releases back.
 * @throws YardError `refused`.
 */
export async function refuseAgent(context: TrainContext, { train, snapshots }: ReleaseRecord): Promise<void> {
  const catalog = await context.catalog()
  for (const { repository, timestamp } of Object.values(snapshots))
    for (const pattern of agentPackageNames) {
      const hits = await catalog.search({ pattern, repository, limit: mostHits })
      const hit = hits.find(
        ({ family, first, last }) =>
          family !== 'deb-src' && first <= timestamp && (last === undefined || timestamp <= last),
      )
      if (hit === undefined) continue
      throw new YardError(
        'refused',
        `${repository}@${timestamp} has ${pattern} ${textOfByteString(hit.version)}, and no release may bring or change the agent; no release of ${train} was cut`,
        {
          hint: `take it out of ${repository}, or compose without it; install the agent on hosts by other means`,
        },
      )
    }
}
