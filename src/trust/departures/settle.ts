import type { Departures } from '../../model/index.ts'
import type { Refs } from '../../store/index.ts'
import type { StatementSigner } from '../statements/statement-key.ts'
import { delegationOf, withoutRoles } from './change.ts'
import { commit } from './commit.ts'
import { type Draft, draftOf } from './draft.ts'
import { isSatisfied, type Metadata, type RootSigned, trustOf } from './metadata.ts'
import { type Published, readPublished } from './published.ts'
import { nextRoot } from './rotate.ts'
import type { AnyRunning } from './running.ts'
import { mergeWaiting, readStaging, rolesOf, type Staging, type Waiting, writeStaging } from './staged.ts'

/** What is there when a change is settled, read under the lock. */
export interface Situation {
  refs: Refs
  signers: readonly StatementSigner[]
  published: Published
  staging: Staging
  isAnyRunning: AnyRunning
  /** Milliseconds since the epoch. */
  now: number
}

/**
 * Goes on where a rotation was cut off: until its root is published, the keys at hand may be the new ones alone. Where another root took the
 * number of the one that waits, that one comes after it.
 */
export async function finishRotation(situation: Situation): Promise<Situation> {
  const { staging, published, signers, now } = situation
  const rotation = staging.waiting.find(({ root }) => root !== undefined)
  if (rotation === undefined) return situation
  const isOvertaken = rotation.root!.signed.version <= published.root.signed.version
  const root = isOvertaken ? nextRoot(published.root, rotation.root, {}, signers, now) : rotation.root!
  const going = { ...rotation, root }
  if (!isOvertaken && !isComplete(situation, await draftFor(situation, going), root)) return situation
  await settle(situation, going)
  return reread(situation)
}

/** The situation after something was settled. */
export async function reread(situation: Situation): Promise<Situation> {
  const published = (await readPublished(situation.refs))!
  return { ...situation, published, staging: await readStaging(situation.refs, published) }
}

/** What one call changed. */
export interface Outcome {
  /** What hosts can read from now on; absent when nothing new was published. */
  published?: {
    /** Version of `timestamp.json`. */
    timestamp: number
    /** The channels' statements among it: of this call, and of changes that waited and are published with it. */
    departures: Departures[]
  }
  /** Id of the change that waits for people's signatures: nothing of it is published. */
  staged?: number
}

/**
 * Publishes a change when it is signed as it must be. Else it waits, together with what waited already for a signature on the same role:
 * people sign a role once, and the later change decides.
 * @param asked a new one, or one that waits, perhaps with more signatures than before.
 */
export async function settle(situation: Situation, asked: Waiting): Promise<Outcome> {
  const others = situation.staging.waiting.filter(({ id }) => id !== asked.id)
  const draft = await draftFor(situation, asked)
  if (isNothing(situation, draft, asked)) return isForgotten(situation, others)
  if (isComplete(situation, draft, asked.root)) return publish(situation, asked, draft, others)
  return mergeOrStage(situation, asked, draft, others)
}

/** Nothing is to be published, so nothing waits either. */
async function isForgotten({ refs, staging }: Situation, others: Waiting[]): Promise<Outcome> {
  if (others.length < staging.waiting.length) await writeStaging(refs, { ...staging, waiting: others })
  return {}
}

async function mergeOrStage(
  situation: Situation,
  asked: Waiting,
  draft: Draft,
  others: Waiting[],
): Promise<Outcome> {
  const met = others.filter(meets(draft, asked))
  if (met.length > 0) {
    const merged = mergeWaiting(met, asked)
    const rest = others.filter(other => !met.includes(other))
    return mergeOrStage(situation, merged, await draftFor(situation, merged), rest)
  }
  if (isComplete(situation, draft, asked.root)) return publish(situation, asked, draft, others)
  await stage(situation, asked, draft, others)
  return { staged: asked.id }
}

/** The ones that wait for a signature on something that the draft signs anew, or speak of something that it removes. */
function meets(draft: Draft, { root }: Waiting): (other: Waiting) => boolean {
  const touched = new Set([...draft.files.keys(), ...(root === undefined ? [] : ['root'])])
  const removed = new Set(draft.removed)
  return other =>
    rolesOf(other).some(role => touched.has(role)) ||
    Object.keys({ ...other.change.roles, ...other.change.trust }).some(role => removed.has(role))
}

async function publish(
  situation: Situation,
  asked: Waiting,
  draft: Draft,
  others: Waiting[],
): Promise<Outcome> {
  const { refs, published, staging, signers, now } = situation
  const { root } = asked
  // A new root is published in two moments, the metadata and the root: what waits says how to go on between them.
  if (root !== undefined) await stage(situation, asked, draft, others)
  const isRunning = await situation.isAnyRunning(published, draft)
  const timestamp = await commit(refs, published, draft, { root, signers, now, isRunning })
  const rest = await rebased(situation, asked, draft, others)
  if (root !== undefined || rest !== staging.waiting)
    await writeStaging(refs, { version: 1, next: nextId(situation, asked), waiting: rest })
  return { published: { timestamp, departures: departuresIn(draft) } }
}

/**
 * What still waits, on the ground of what is published now. Where people were to sign something that has changed since, they have
 * to sign anew; what the keys at hand have overtaken waits no more.
 */
async function rebased(
  situation: Situation,
  asked: Waiting,
  draft: Draft,
  others: Waiting[],
): Promise<Waiting[]> {
  const { refs, staging, signers } = situation
  const isMet = meets(draft, asked)
  if (!others.some(isMet)) return others.length === staging.waiting.length ? staging.waiting : others
  const after = { ...situation, published: (await readPublished(refs))! }
  const rest: Waiting[] = []
  for (const other of others) {
    if (!isMet(other)) {
      rest.push(other)
      continue
    }
    const { root: _, ...kept } = other
    // Whoever took over the root meanwhile: the one that waits comes after it.
    const root = other.root && nextRoot(after.published.root, other.root, {}, signers, after.now)
    const change = withoutRoles(other.change, draft.removed)
    const waiting = { ...kept, change, ...(root === undefined ? {} : { root }) }
    const files = forPeople(await draftFor(after, waiting), signers)
    if (root !== undefined || Object.keys(files).length > 0) rest.push({ ...waiting, files })
  }
  return rest
}

async function stage(situation: Situation, asked: Waiting, draft: Draft, others: Waiting[]): Promise<void> {
  const waiting = { ...asked, files: forPeople(draft, situation.signers) }
  const next = nextId(situation, asked)
  await writeStaging(situation.refs, { version: 1, next, waiting: [...others, waiting] })
}

function nextId({ staging }: Situation, { id }: Waiting): number {
  return Math.max(staging.next, id + 1)
}

export function draftFor(
  { published, signers, now }: Situation,
  { change, root, files }: Waiting,
): Promise<Draft> {
  const next = root?.signed ?? published.root.signed
  return draftOf({ published, change, root: next, staged: files, signers, now })
}

function isNothing({ published }: Situation, draft: Draft, { root, change }: Waiting): boolean {
  return (
    draft.files.size === 0 &&
    draft.removed.length === 0 &&
    root === undefined &&
    !change.renewed.includes('timestamp') &&
    published.timestamp !== undefined
  )
}

export function isComplete(
  { published }: Situation,
  draft: Draft,
  root: Metadata<RootSigned> | undefined,
): boolean {
  const roots = root === undefined ? [] : [published.root.signed, root.signed]
  return (
    [...draft.files.values()].every(({ trust, metadata }) => isSatisfied(trust, metadata)) &&
    roots.every(({ roles, keys }) => isSatisfied(trustOf(roles.root, keys), root!))
  )
}

/** The files that the keys at hand cannot sign alone. */
function forPeople(draft: Draft, signers: readonly StatementSigner[]): Waiting['files'] {
  const atHand = new Set(signers.map(({ key }) => key.keyid))
  const files = [...draft.files].filter(
    ([, { trust }]) => trust.keys.filter(({ keyid }) => atHand.has(keyid)).length < trust.threshold,
  )
  return Object.fromEntries(files.map(([role, { metadata }]) => [role, metadata]))
}

function departuresIn({ files, texts }: Draft): Departures[] {
  return texts
    .filter(({ role }) => files.has(role) && delegationOf(role).kind === 'channel')
    .map(({ text }) => JSON.parse(text) as Departures)
}
