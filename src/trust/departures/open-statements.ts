import {
  type Departures,
  type Digest,
  type Name,
  type RolloutStatement,
  type Timestamp,
  YardError,
} from '../../model/index.ts'
import type { Locks, Refs } from '../../store/index.ts'
import type { KeysAtHand } from '../statement-keys/keys-at-hand.ts'
import { roleOf, targetOf } from '../statements/layout.ts'
import { type Change, changeOf, type Edits, noChange } from './change.ts'
import { checkStatements, type StatementCheck } from './check.ts'
import { textOfMetadata } from './metadata.ts'
import { departuresRef, type Published, readPublished } from './published.ts'
import { refresh } from './refresh.ts'
import { firstRoot, nextRoot, type Rotation } from './rotate.ts'
import { type AnyRunning, rememberRunning } from './running.ts'
import { finishRotation, type Outcome, reread, type Situation, settle } from './settle.ts'
import { readStaging, type Waiting, writeStaging } from './staged.ts'
import { type StatementsState, stateOf } from './state.ts'
import { submit } from './submit.ts'

export interface StatementsContext {
  refs: Refs
  locks: Locks
  /** The keys at hand. Where there is no root yet, the first holds all roles, and is made when there is none. */
  keys: KeysAtHand
  /** Milliseconds since the epoch. */
  now(): number
}

/**
 * The signed statements of a yard, as TUF metadata in its refs under `departures/`. Every method that changes something waits for
 * a lock over all processes (up to 10 s, then YardError `busy`) and reads what is there anew. A crash at any moment
 * leaves the old statements valid.
 */
export interface Statements {
  /** The root that hosts get at their enrolment: its version and its bytes as text. The first one is made here. */
  root(): Promise<{ version: number; text: string }>
  /**
   * Publishes edits in one commit, or, where the keys at hand do not reach the threshold of a role, stages all of them and
   * publishes nothing. A staged change that wants to sign the same role is merged with it. What is published
   * already is not published again: an Outcome without both says that nothing was to be done.
   * @throws YardError `configuration` when no key at hand may sign snapshot and timestamp; `damaged`; `no-space`.
   */
  publish(edits: Edits): Promise<Outcome>
  /**
   * Adds signatures to what is staged, and publishes the change that they complete. Doing it twice does nothing.
   * @param metadata a file of TUF metadata, `{ signed, signatures }`, with `signed` just as it was staged.
   * @throws YardError `invalid` when it is no such file; `not-found` when nothing staged says that; `untrusted` when none of its
   *   signatures counts.
   */
  submit(metadata: unknown): Promise<Outcome>
  /**
   * Other keys from now on: a new root, and with it whatever the old keys had signed, signed by the new ones, all in one change. It needs
   * signatures of the old root keys and of the new ones; those at hand are made now, and it is staged while others are missing.
   */
  rotate(rotation: Rotation): Promise<Outcome>
  /**
   * Signs again what is past half of its life; stages it where people sign. Publishes staged changes that have their signatures, and
   * removes old metadata that no host can want any more.
   * To be called at every start of a server and every hour.
   * @param all signs everything again: after a backup was restored, hosts may have seen newer versions than the yard knows.
   */
  refresh(options?: { all?: boolean }): Promise<void>
  /** Forgets a staged change. @throws YardError `not-found`. */
  withdraw(id: number): Promise<void>
  /** Proves what is published, as a host does; for fsck. */
  check(): Promise<StatementCheck>
  /** What is published, what is staged, by whom it was signed and who must still. */
  state(): Promise<StatementsState>
  /** Metadata and targets as hosts can read them at this moment; undefined before the first root. */
  published(): Promise<Published | undefined>
  /** The published statement of a channel, if there is one. */
  departures(train: Name, channel: Name): Promise<Departures | undefined>
  /** The published statement of a channel's rollout, if there is one. */
  rollout(train: Name, channel: Name): Promise<RolloutStatement | undefined>
  /** The digest of a release's published statement, if there is one. */
  release(train: Name, release: Timestamp): Promise<Digest | undefined>
}

/** Opens the yard's statements; reads nothing yet. */
export function openStatements(given: StatementsContext): Statements {
  const context = { ...given, isAnyRunning: rememberRunning() }
  const { refs } = context

  async function statement<T>(role: string, path: string): Promise<T | undefined> {
    const text = await (await readPublished(refs))?.target(role, path)
    return text === undefined ? undefined : (JSON.parse(text) as T)
  }

  return {
    async root() {
      const known = await readPublished(refs)
      if (known?.timestamp === undefined) await underLock(context, work => work.settle(noChange))
      const { root } = (await readPublished(refs))!
      return { version: root.signed.version, text: textOfMetadata(root) }
    },
    publish: edits => underLock(context, work => work.settle(changeOf(edits))),
    submit: metadata => underLock(context, work => work.submit(metadata)),
    rotate: rotation => underLock(context, work => work.rotate(rotation)),
    refresh: options => underLock(context, work => work.refresh(options ?? {})),
    withdraw: id => underLock(context, work => work.withdraw(id)),
    async state() {
      const published = await readPublished(refs)
      const signers = await context.keys.signers()
      const atHand = signers.map(({ key }) => key.keyid)
      if (published === undefined) return { root: undefined, isSolo: false, roles: [], atHand, staged: [] }
      const staging = await readStaging(refs, published)
      return stateOf({ ...context, published, signers, staging, now: context.now() })
    },
    check: () => checkStatements(refs),
    published: () => readPublished(refs),
    departures: (train, channel) =>
      statement<Departures>(roleOf.channel(train, channel), targetOf.departures(train, channel)),
    rollout: (train, channel) =>
      statement<RolloutStatement>(roleOf.rollout(train, channel), targetOf.rollout(train, channel)),
    async release(train, release) {
      const role = await (await readPublished(refs))?.role(roleOf.releases(train))
      return role?.signed.targets[targetOf.release(train, release)]?.hashes.sha256
    },
  }
}

/** What is done under the lock, on what was read under it. */
interface Work {
  settle(change: Change): Promise<Outcome>
  submit(metadata: unknown): Promise<Outcome>
  rotate(rotation: Rotation): Promise<Outcome>
  refresh(options: { all?: boolean }): Promise<void>
  withdraw(id: number): Promise<void>
}

/** The dot keeps it apart from repositories' locks. */
const statementsLock = '.departures'
const waitMilliseconds = 10_000

type Context = StatementsContext & { isAnyRunning: AnyRunning }

async function underLock<T>(context: Context, use: (work: Work) => Promise<T>): Promise<T> {
  const lock = await context.locks.acquire(statementsLock, waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'somebody else is signing statements; nothing was changed', {
      hint: 'try again in a moment',
    })
  try {
    const situation = await situationOf(context)
    return await use({
      settle: change => settle(situation, { id: situation.staging.next, change, files: {} }),
      submit: metadata => submit(situation, metadata),
      rotate: rotation => settle(situation, rotationOf(situation, rotation)),
      refresh: options => refresh(situation, options),
      withdraw: id => withdraw(situation, id),
    })
  } finally {
    lock.release()
  }
}

/** There is a root from here on, and metadata that delegates nothing yet: what is published later never begins from nothing. */
async function situationOf(context: Context): Promise<Situation> {
  const { refs, isAnyRunning } = context
  const published = (await readPublished(refs)) ?? (await beginning(context))
  const signers = await context.keys.signers()
  const staging = await readStaging(refs, published)
  const situation = { refs, signers, published, staging, isAnyRunning, now: context.now() }
  if (published.timestamp !== undefined) return finishRotation(situation)
  await settle(situation, { id: staging.next, change: noChange, files: {} })
  return reread(situation)
}

/** The first root: one key holds all roles (the profile `solo`). */
async function beginning({ refs, keys: { signers, makeFirst }, now }: StatementsContext): Promise<Published> {
  if ((await signers()).length === 0) await makeFirst()
  const signer = (await signers())[0]!
  const root = firstRoot(signer, now())
  await refs.write(departuresRef.metadata('1.root.json'), textOfMetadata(root))
  return (await readPublished(refs))!
}

function rotationOf({ published, staging, signers, now }: Situation, rotation: Rotation): Waiting {
  const waiting = staging.waiting.find(({ root }) => root !== undefined)?.root
  const root = nextRoot(published.root, waiting, rotation, signers, now)
  return { id: staging.next, change: noChange, root, files: {} }
}

async function withdraw({ refs, staging }: Situation, id: number): Promise<void> {
  const waiting = staging.waiting.filter(one => one.id !== id)
  if (waiting.length === staging.waiting.length)
    throw new YardError('not-found', `no change ${id} is staged; nothing was changed`, {
      hint: 'see `switchyard trust staged`',
    })
  await writeStaging(refs, { ...staging, waiting })
}
