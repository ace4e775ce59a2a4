import {
  type Hold,
  type HoldsRecord,
  type Name,
  type Timestamp,
  timestampOf,
  YardError,
} from '../../model/index.ts'
import { namesPackage, readHolds, readNewest, trainRefs, writeRecord } from '../../repository/index.ts'
import { audit } from '../audit.ts'
import type { TrainContext } from '../context.ts'
import { declaredChannel, declaredTrain } from '../declared-train.ts'
import { underTrainLock } from '../train-lock.ts'
import { isExpired } from './expiry.ts'

/** What is held back: packages of a train, or of one of its channels. */
export interface HoldTarget {
  train: Name
  channel?: Name | undefined
}

export interface HoldOptions {
  why: string
  /** The last second in which it holds. */
  until: Timestamp
}

export interface HoldReport {
  hold: Hold
  /** What to know about it: one sentence each. */
  notes: string[]
}

/**
 * Keeps a package, or every one that a glob names, at its version: in the releases that are cut, or, of a channel, by refusing
 * what would change it there. One that is held already is held as it is said now.
 * @throws YardError `not-found` for an unknown train or channel; `usage` for a time that is past, no reason, or no pattern; `busy`.
 */
export async function hold(
  context: TrainContext,
  target: HoldTarget,
  pattern: string,
  { why, until }: HoldOptions,
): Promise<HoldReport> {
  checkTarget(context, target)
  checkPattern(pattern)
  if (why.trim() === '')
    throw new YardError('usage', `a hold of ${pattern} needs a reason; nothing was changed`)
  const since = timestampOf(context.now())
  if (until <= since)
    throw new YardError('usage', `${until} is past: a hold until then holds nothing; nothing was changed`, {
      hint: 'write the last day or second on which it holds, such as 2026-12-31',
    })
  const { train, channel } = target
  const made: Hold = {
    package: pattern,
    ...(channel === undefined ? {} : { channel }),
    who: context.actor.who,
    why,
    since,
    until,
  }
  await change(context, target, pattern, 'hold', why, others => [...others, made])
  const isThere = await namesPackage(context, await newestOf(context, train), pattern)
  const notes = isThere ? [] : [`no package of ${train} is called ${pattern}; the hold stands all the same`]
  return { hold: made, notes }
}

/**
 * Takes a hold back. Answers what it was.
 * @throws YardError `not-found` when there is no such hold, with those that there are; `busy`.
 */
export async function unhold(
  context: TrainContext,
  target: HoldTarget,
  pattern: string,
  why: string | undefined,
): Promise<Hold> {
  checkTarget(context, target)
  const known = await readHolds(context.refs, target.train)
  const held = known.find(one => isOf(one, target, pattern))
  if (held === undefined) throw noHold(target, pattern, known)
  await change(context, target, pattern, 'unhold', why, others => others)
  return held
}

/** A hold, and whether its time is over. */
export interface ListedHold extends Hold {
  train: Name
  expired: boolean
}

/** The holds of the declared trains, or of one. @throws YardError `not-found`. */
export async function listHolds(context: TrainContext, train?: Name): Promise<ListedHold[]> {
  const names =
    train === undefined ? [...context.configuration.trains.keys()] : [declaredTrain(context, train).name]
  const lists = await Promise.all(
    names.map(async name =>
      (await readHolds(context.refs, name)).map(one => ({
        ...one,
        train: name,
        expired: isExpired(one, context.now()),
      })),
    ),
  )
  return lists.flat()
}

async function change(
  context: TrainContext,
  target: HoldTarget,
  pattern: string,
  verb: 'hold' | 'unhold',
  why: string | undefined,
  next: (others: Hold[]) => Hold[],
): Promise<void> {
  const { train, channel } = target
  await underTrainLock(context, train, async () => {
    const known = await readHolds(context.refs, train)
    const before = known.find(one => isOf(one, target, pattern))
    const holds = next(known.filter(one => one !== before)).sort(byTarget)
    // A log that cannot be written is known before anything is done.
    await context.catalog()
    const record: HoldsRecord = { version: 1, train, holds }
    await writeRecord(context.refs, trainRefs.holds(train), record)
    const after = holds.find(one => isOf(one, target, pattern))
    await audit(context, {
      verb,
      subject: channel === undefined ? train : `${train}/${channel}`,
      why,
      detail: {
        package: pattern,
        ...(before === undefined ? {} : { before: { ...before } }),
        ...(after === undefined ? {} : { after: { ...after } }),
      },
    })
  })
}

function isOf(one: Hold, { channel }: HoldTarget, pattern: string): boolean {
  return one.package === pattern && one.channel === channel
}

function byTarget(a: Hold, b: Hold): number {
  const key = ({ channel = '' as Name, package: pattern }: Hold) => `${channel}\0${pattern}`
  return key(a) < key(b) ? -1 : 1
}

async function newestOf(context: TrainContext, train: Name) {
  const { repositories } = declaredTrain(context, train)
  const newest = await Promise.all(repositories.map(name => readNewest(context.refs, name)))
  return newest.filter(record => record !== undefined)
}

function checkTarget(context: TrainContext, { train, channel }: HoldTarget): void {
  if (channel === undefined) declaredTrain(context, train)
  else declaredChannel(context, { train, channel })
}

function checkPattern(pattern: string): void {
  if (/^[A-Za-z0-9*?[\]!._+~-]{1,200}$/.test(pattern)) return
  throw new YardError(
    'usage',
    `not a package: ${JSON.stringify(pattern.slice(0, 80))}; nothing was changed`,
    {
      hint: "write a package's name or a glob, such as nginx or 'linux-image-*'",
    },
  )
}

function noHold({ train, channel }: HoldTarget, pattern: string, known: Hold[]): YardError {
  const place = (of: Name | undefined) => (of === undefined ? train : `${train}/${of}`)
  const held = known.map(one => `${place(one.channel)} ${one.package}`)
  return new YardError('not-found', `${pattern} is not held in ${place(channel)}; nothing was changed`, {
    hint: held.length === 0 ? `nothing is held in ${train}` : `held are: ${held.join(', ')}`,
  })
}
