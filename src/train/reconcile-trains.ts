import {
  type AuditDraft,
  type ChannelReference,
  isYardError,
  type Name,
  type Timestamp,
  timestampOf,
} from '../model/index.ts'
import {
  listChannels,
  listMoves,
  listReleases,
  listTrains,
  readChannel,
  readRelease,
} from '../repository/index.ts'
import { lineOfMove, lineOfRelease, loggedMoves } from './audit-lines.ts'
import type { TrainContext } from './context.ts'
import { followStatement, moveToFinish } from './departures/finish-move.ts'
import { trainLock } from './train-lock.ts'

/** Whoever moves a channel at this moment has written its own line in a moment. */
const lockWaitMilliseconds = 10_000

/**
 * Makes good what a crash, or the loss of the catalog, left undone: channels go where hosts are told that they are, and the audit
 * log gets the releases and moves that are not in it, of which refs tell. Costs a look-up a channel and train when nothing is
 * missing. Damaged refs and statements are left to fsck, which names them.
 */
export async function reconcileTrains(context: TrainContext): Promise<void> {
  for (const train of await listTrains(context.refs)) {
    const behind = await movesToFinish(context, train)
    if (behind.length === 0 && (await missing(context, train)).length === 0) continue
    const lock = await context.locks.acquire(trainLock(train), lockWaitMilliseconds)
    if (lock === undefined) continue
    try {
      for (const reference of behind) await followStatement(context, reference).catch(ifDamaged)
      const catalog = await context.catalog()
      for (const draft of await missing(context, train))
        await catalog.appendAudit({ ...draft, via: 'recovery' }, timestampOf(context.now()))
    } finally {
      lock.release()
    }
  }
}

async function movesToFinish(context: TrainContext, train: Name): Promise<ChannelReference[]> {
  const found: ChannelReference[] = []
  for (const channel of await listMoves(context.refs, train))
    if ((await moveToFinish(context, { train, channel }).catch(ifDamaged)) !== undefined)
      found.push({ train, channel })
  return found
}

type Missing = Omit<AuditDraft, 'via'>

/** In the order of their moments; within one second, what was done to an older release comes first. */
async function missing(context: TrainContext, train: Name): Promise<Missing[]> {
  const found = await missingReleases(context, train)
  for (const channel of await listChannels(context.refs, train))
    found.push(...(await missingMoves(context, { train, channel })))
  const key = ({ at, release }: Dated) => `${at} ${release}`
  return found.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)).map(({ draft }) => draft)
}

interface Dated {
  at: string
  /** What it is about. */
  release: Timestamp
  draft: Missing
}

/** Lines are written in the order of the releases: before one that is in the log, none is missing. */
async function missingReleases(context: TrainContext, train: Name): Promise<Dated[]> {
  const catalog = await context.catalog()
  const found: Dated[] = []
  for (const timestamp of (await listReleases(context.refs, train)).toReversed()) {
    if ((await catalog.auditOf(`${train}@${timestamp}`)).length > 0) break
    const signed = await readRelease(context.refs, train, timestamp).catch(ifDamaged)
    if (signed === undefined) continue
    const { record } = signed
    found.push({ at: timestamp, release: timestamp, draft: { ...lineOfRelease(record), who: record.who } })
  }
  return found
}

async function missingMoves(context: TrainContext, reference: ChannelReference): Promise<Dated[]> {
  const record = await readChannel(context.refs, reference.train, reference.channel).catch(ifDamaged)
  if (record === undefined) return []
  const last = (await loggedMoves(context, reference)).at(-1)?.moved ?? ''
  return record.history
    .filter(({ moved }) => moved > last)
    .map(move => ({
      at: move.moved,
      release: move.release,
      draft: { ...lineOfMove(reference, move), who: move.who },
    }))
}

function ifDamaged(error: unknown): undefined {
  if (!isYardError(error, 'damaged', 'not-found')) throw error
}
