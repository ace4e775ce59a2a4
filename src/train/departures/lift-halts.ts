import { type ChannelReference, type Departures, type Halt, YardError } from '../../model/index.ts'
import { isAheadOfTime, listHalts } from '../../trust/index.ts'
import { audit } from '../audit.ts'
import type { TrainContext } from '../context.ts'
import { declaredChannel } from '../declared-train.ts'
import { underTrainLock } from '../train-lock.ts'
import { binds, liftedFrom } from './channel-statements.ts'
import { stagedOf, type Wait, waitsOf } from './peoples-channel.ts'
import { digestOfStatement } from './state-move.ts'

export interface LiftReport {
  /** `unchanged`: no halt binds the channel. */
  outcome: 'lifted' | 'staged' | 'unchanged'
  /** Those that bind the channel no more, or will not once people have signed. */
  halts: Halt[]
  /** The staged change, and whose signatures it waits for. */
  staged?: { id: number; waits: Wait[] }
}

/**
 * Lets hosts of a channel go on that halts hold, by a statement of the channel's own keys. Halts that come after are not lifted by it.
 * @throws YardError `not-found`; `refused` where nothing was ever stated of the channel, something else waits for signatures, or a halt is
 *   ahead of time; `busy`.
 */
export async function liftHalts(
  context: TrainContext,
  reference: ChannelReference,
  { why }: { why?: string | undefined } = {},
): Promise<LiftReport> {
  const { train, channel } = reference
  declaredChannel(context, reference)
  return underTrainLock(context, train, async (): Promise<LiftReport> => {
    const before = await context.statements.departures(train, channel)
    if (before === undefined)
      throw new YardError('refused', `hosts were never told of ${train}/${channel}; nothing was lifted`, {
        hint: `promote it first: switchyard promote ${train}/${channel}`,
      })
    const halts = (await listHalts(context.refs)).map(({ halt }) => halt)
    refuseAhead(context, before, halts)
    const after = liftedFrom(before, halts)
    if (after === undefined) return { outcome: 'unchanged', halts: [] }
    await checkNothingElseStaged(context, after)
    const { staged } = await context.statements.publish({ departures: [after] })
    const lifted = halts.filter(halt => binds(halt, before))
    const numbers = lifted.map(({ number }) => number)
    await audit(context, {
      verb: 'resume',
      subject: `${train}/${channel}`,
      why,
      detail: { halts: numbers, ...(staged === undefined ? {} : { staged }) },
    })
    if (staged === undefined) return { outcome: 'lifted', halts: lifted }
    const change = (await context.statements.state()).staged.find(({ id }) => id === staged)
    return {
      outcome: 'staged',
      halts: lifted,
      staged: { id: staged, waits: change === undefined ? [] : waitsOf(change) },
    }
  })
}

/** Lifting goes by number, so it would lift every halt up to that one beforehand. */
function refuseAhead({ now }: TrainContext, before: Departures, halts: readonly Halt[]): void {
  const ahead = halts.find(halt => binds(halt, before) && isAheadOfTime(halt, now()))
  if (ahead === undefined) return
  const { train, channel } = before
  throw new YardError(
    'refused',
    `the number of halt ${ahead.number} of ${ahead.who} is ahead of time: to lift it would lift every halt of ${train}/${channel} to come; nothing was lifted`,
    {
      hint: 'see that the clock is right here; then replace the key of whoever signed it, which ends the halt: `switchyard trust keys rotate`',
    },
  )
}

/** Two statements of one channel cannot wait side by side: the later one would speak for both. */
async function checkNothingElseStaged({ statements }: TrainContext, wanted: Departures): Promise<void> {
  const staged = stagedOf(await statements.state(), wanted)
  if (staged === undefined || digestOfStatement(staged.departures) === digestOfStatement(wanted)) return
  const { train, channel } = wanted
  const { release } = staged.departures.release
  throw new YardError(
    'refused',
    `a statement of ${train}/${channel} that names ${train}@${release} waits for signatures (change ${staged.change.id}); nothing was lifted`,
    { hint: 'sign that first, or withdraw it: see `switchyard trust staged`' },
  )
}
