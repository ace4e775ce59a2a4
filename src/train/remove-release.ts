import {
  type ChannelRecord,
  type Name,
  parseReleaseReference,
  type Timestamp,
  YardError,
} from '../model/index.ts'
import {
  listChannels,
  listComparisons,
  listReleases,
  type RepositoryContext,
  readChannel,
  refsBesideRelease,
  trainRefs,
  writeRecord,
} from '../repository/index.ts'
import { audit } from './audit.ts'
import type { TrainContext } from './context.ts'
import { checkNoHostNeeds } from './departures/needed-by-hosts.ts'
import { cutBefore } from './line.ts'
import { underTrainLock } from './train-lock.ts'

/** Whether a name is a train's: declared, or with releases left of one that was. */
export async function isTrain({ configuration, refs }: RepositoryContext, name: Name): Promise<boolean> {
  if (configuration.trains.has(name)) return true
  return !configuration.repositories.has(name) && (await listReleases(refs, name)).length > 0
}

/**
 * Removes one release, with what gates found of it. Channels that were promoted to it long ago can go back no further than to
 * the release after it. Its snapshots stay until they are removed themselves.
 * @throws YardError `usage` for what is no `TRAIN@T`; `not-found`; `refused` while a channel stands at it, or may be taken back or forward
 *   to it, or hosts may be.
 */
export async function removeRelease(
  context: TrainContext,
  reference: string,
  why?: string,
): Promise<string[]> {
  const { train, at } = parseReleaseReference(reference)
  if (at === undefined || reference.endsWith('@latest'))
    throw new YardError('usage', `${reference} names no single release; nothing was removed`, {
      hint: `write ${train}@TIMESTAMP; \`switchyard releases ${train}\` lists them`,
    })
  return underTrainLock(context, train, async () => {
    if (!(await listReleases(context.refs, train)).includes(at))
      throw new YardError('not-found', `there is no release ${reference}`, {
        hint: `\`switchyard releases ${train}\` lists them`,
      })
    await checkNoHostNeeds(context, { train, release: at })
    const shortened = await withoutRelease(context, train, at)
    // Refs in this order: no line ever names a release that is gone.
    for (const record of shortened)
      await writeRecord(context.refs, trainRefs.channel(train, record.channel), record)
    const beside = [
      ...(await refsBesideRelease(context.refs, train, at)),
      ...(await listComparisons(context.refs, train, at)),
    ]
    for (const ref of beside) await context.refs.remove(ref)
    await context.refs.remove(trainRefs.release(train, at))
    await audit(context, { verb: 'rm', subject: reference, why, detail: {} })
    return [reference]
  })
}

/** The channels of a train whose line becomes shorter, as they will be. @throws YardError `refused`. */
async function withoutRelease(
  context: TrainContext,
  train: Name,
  release: Timestamp,
): Promise<ChannelRecord[]> {
  const shortened: ChannelRecord[] = []
  for (const channel of await listChannels(context.refs, train)) {
    const record = await readChannel(context.refs, train, channel)
    if (record === undefined) continue
    const { keepAtLeast } =
      context.configuration.trains.get(train)?.channels.get(channel) ?? context.configuration.latest
    const line = cutBefore(record, release, keepAtLeast)
    if (line === undefined) throw needed(record, release, keepAtLeast)
    if (line.line.length < record.line.length) shortened.push({ ...record, ...line })
  }
  return shortened
}

function needed({ train, channel, release: at }: ChannelRecord, release: Timestamp, keep: number): YardError {
  const name = `${train}/${channel}`
  return release === at
    ? new YardError('refused', `${name} is at ${train}@${release}; nothing was removed`, {
        hint: `promote or roll back ${name} first`,
      })
    : new YardError(
        'refused',
        `${name} may be taken to ${train}@${release} by a rollback; nothing was removed`,
        {
          hint: `a channel keeps the way back over ${keep} promotions: \`keep-at-least\` in switchyard.yaml says how many`,
        },
      )
}
