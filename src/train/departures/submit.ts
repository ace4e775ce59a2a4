import type { ChannelRecord, Departures, Name } from '../../model/index.ts'
import type { Outcome, StatementsState } from '../../trust/index.ts'
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
 * statement is among it moves. No train that something waits for is changed in between: another move would take the place of the
 * one that hosts are told of just then.
 * @param metadata as `Statements.submit` takes it.
 * @throws YardError as `Statements.submit` does; `busy` when somebody changes such a train; `not-found` or `damaged` when a channel
 *   cannot serve what its hosts are told: it follows when the catalog is opened next, once that is mended.
 */
export async function submit(context: TrainContext, metadata: unknown): Promise<SubmitReport> {
  // A log that cannot be written is known before anything is done.
  await context.catalog()
  const trains = trainsWaiting(await context.statements.state())
  return underTrainLocks(context, trains, async () => {
    const outcome = await context.statements.submit(metadata)
    const { published, staged } = outcome
    await audit(context, {
      verb: 'sign',
      subject: published === undefined ? `staged change ${staged ?? 'none'}` : 'statements',
      detail: published === undefined ? {} : { timestamp: published.timestamp },
    })
    return { ...outcome, moved: await followAll(context, published?.departures ?? [], trains) }
  })
}

/** The trains whose channels have statements that wait, in the order in which everybody locks them. */
function trainsWaiting({ staged }: Pick<StatementsState, 'staged'>): Name[] {
  const statements = staged.flatMap(({ files }) => files).flatMap(file => file.statements)
  const trains = statements.flatMap(({ path }) => /^channels\/([^/]+)\//.exec(path)?.[1] ?? [])
  return [...new Set(trains as Name[])].sort()
}

function underTrainLocks<T>(
  context: TrainContext,
  [train, ...rest]: readonly Name[],
  work: () => Promise<T>,
): Promise<T> {
  if (train === undefined) return work()
  return underTrainLock(context, train, () => underTrainLocks(context, rest, work))
}

/** Moves the channels whose statements were published. @param locked trains that are so already. */
async function followAll(
  context: TrainContext,
  departures: readonly Departures[],
  locked: readonly Name[],
): Promise<ChannelRecord[]> {
  const moved: ChannelRecord[] = []
  for (const { train, channel } of departures) {
    const finish = () => finishMove(context, { train, channel })
    const record = await (locked.includes(train) ? finish() : underTrainLock(context, train, finish))
    if (record !== undefined) moved.push(record)
  }
  return moved
}
