import type { ChannelRecord, Departures } from '../../model/index.ts'
import type { Outcome } from '../../trust/index.ts'
import { audit } from '../audit.ts'
import type { TrainContext } from '../context.ts'
import { underTrainLock } from '../train-lock.ts'
import { finishMove } from './finish-move.ts'

/** What became of signatures that somebody brought. */
export interface SubmitReport extends Outcome {
  /** The channels that moved with it. */
  moved: ChannelRecord[]
}

/**
 * Adds people's signatures to what waits for them. With the last one that is needed it is published, and every channel whose
 * statement is among it moves.
 * @param metadata as `Statements.submit` takes it.
 * @throws YardError as `Statements.submit` does; `not-found` or `damaged` when a channel cannot serve what its hosts are told: it
 *   follows when the catalog is opened next, once that is mended.
 */
export async function submit(context: TrainContext, metadata: unknown): Promise<SubmitReport> {
  // A log that cannot be written is known before anything is done.
  await context.catalog()
  const outcome = await context.statements.submit(metadata)
  const { published, staged } = outcome
  await audit(context, {
    verb: 'sign',
    subject: published === undefined ? `staged change ${staged ?? 'none'}` : 'statements',
    detail: published === undefined ? {} : { timestamp: published.timestamp },
  })
  return { ...outcome, moved: await followAll(context, published?.departures ?? []) }
}

/** Moves the channels whose statements were published. */
async function followAll(context: TrainContext, departures: readonly Departures[]): Promise<ChannelRecord[]> {
  const moved: ChannelRecord[] = []
  for (const { train, channel } of departures) {
    const record = await underTrainLock(context, train, () => finishMove(context, { train, channel }))
    if (record !== undefined) moved.push(record)
  }
  return moved
}
