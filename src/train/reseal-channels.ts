import {
  type ChannelRecord,
  type ChannelReference,
  isYardError,
  messageOf,
  type Name,
  nextTimestamp,
  type ServedRepository,
  YardError,
} from '../model/index.ts'
import {
  findSnapshot,
  listChannels,
  listTrains,
  readChannel,
  sealSnapshot,
  trainRefs,
  writeRecord,
} from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { underStoreLock, underTrainLock } from './train-lock.ts'

/**
 * Seals anew every channel that other keys have sealed than those that sign now: clients are given these. One that fails keeps
 * no other from it.
 * @throws YardError with the code of the first that failed, naming each.
 */
export async function resealChannels(context: TrainContext): Promise<void> {
  const failures: unknown[] = []
  for (const train of await listTrains(context.refs))
    for (const channel of await listChannels(context.refs, train))
      await resealChannel(context, { train, channel }).catch(error => failures.push(error))
  const [first] = failures
  if (first === undefined) return
  throw new YardError(
    isYardError(first) ? first.code : 'internal',
    `the keys were changed, but not every channel is signed by them yet: ${failures.map(messageOf).join('; ')}`,
    { hint: 'run `switchyard fsck --repair`', cause: first },
  )
}

async function resealChannel(context: TrainContext, { train, channel }: ChannelReference): Promise<void> {
  const read = () => readChannel(context.refs, train, channel)
  if (await isSealedByNow(context, await read())) return
  await underTrainLock(context, train, async () => {
    const current = await read()
    if (current === undefined || (await isSealedByNow(context, current))) return
    await underStoreLock(context, `${train}/${channel}`, async () => {
      await writeRecord(context.refs, trainRefs.channel(train, channel), await sealedAnew(context, current))
    })
  })
}

/** Whether the keys that sign now, and they alone, have sealed a channel; true too where nothing is sealed. */
export async function isSealedByNow(
  context: TrainContext,
  record: ChannelRecord | undefined,
): Promise<boolean> {
  if (record === undefined || !Object.values(record.repositories).some(isSealed)) return true
  const keys = (await context.signers()).map(key => key.fingerprint)
  return keys.join() === record.keys?.join()
}

function isSealed({ sealed }: ServedRepository): boolean {
  return Object.keys(sealed).length > 0
}

/**
 * The same channel with a fresh seal wherever it had one; it has not moved, only its date has.
 * @throws YardError `not-found` or `damaged` when a snapshot that it serves is not here.
 */
export async function sealedAnew(context: TrainContext, record: ChannelRecord): Promise<ChannelRecord> {
  const moved = nextTimestamp(context.now(), record.moved)
  const keys = new Set<string>()
  const repositories = await Promise.all(
    Object.entries(record.repositories).map(async ([name, served]): Promise<[Name, ServedRepository]> => {
      if (!isSealed(served)) return [name as Name, served]
      const { repository, timestamp } = served.snapshot
      const snapshot = await findSnapshot(context, `${repository}@${timestamp}`)
      const { sealed, keys: signers = [] } = await sealSnapshot(context, snapshot, moved)
      for (const key of signers) keys.add(key)
      return [name as Name, { ...served, sealed }]
    }),
  )
  return { ...record, moved, keys: [...keys], repositories: Object.fromEntries(repositories) }
}
