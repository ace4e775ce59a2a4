import { type Departures, type Name, type Timestamp, YardError } from '../../model/index.ts'
import { listChannels, listMoves } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { stagedOf } from './peoples-channel.ts'

/**
 * That no statement sends hosts to a release: not one that they have, nor one that waits for signatures.
 * @throws YardError `refused`.
 */
export async function checkNoHostNeeds(
  context: TrainContext,
  { train, release }: { train: Name; release: Timestamp },
): Promise<void> {
  const { refs, statements } = context
  const state = await statements.state()
  for (const channel of new Set([...(await listChannels(refs, train)), ...(await listMoves(refs, train))])) {
    const name = `${train}/${channel}`
    const staged = stagedOf(state, { train, channel })
    if (staged !== undefined && names(staged.departures, release))
      throw needed(
        release,
        train,
        `a statement of ${name} that waits for signatures (change ${staged.change.id})`,
      )
    const told = await statements.departures(train, channel)
    if (told?.fallbacks.some(one => one.release === release))
      throw needed(release, train, `hosts of ${name}, which may go back to it,`)
  }
}

function names({ release, fallbacks }: Departures, wanted: Timestamp): boolean {
  return [release, ...fallbacks].some(one => one.release === wanted)
}

function needed(release: Timestamp, train: Name, by: string): YardError {
  return new YardError('refused', `${train}@${release} is needed by ${by}; nothing was removed`, {
    hint: 'remove it when the channel has moved on',
  })
}
