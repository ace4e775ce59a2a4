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
import { haltField, lifetimes, roleOf, targetOf } from '../statements/layout.ts'
import type { StatementSigner } from '../statements/statement-key.ts'
import { type Change, changeOf, delegationOf, type Edits, noChange } from './change.ts'
import { commit } from './commit.ts'
import { type Draft, draftOf, isRunningRollout } from './draft.ts'
import {
  expiresAt,
  isSatisfied,
  type ListedKey,
  listTrust,
  type Metadata,
  type RootSigned,
  signersOf,
  signMetadata,
  specVersion,
  textOfMetadata,
  trustOf,
} from './metadata.ts'
import { departuresRef, type Published, readPublished } from './published.ts'
import { mergeWaiting, readStaging, rolesOf, type Staging, type Waiting, writeStaging } from './staged.ts'
import { type StatementsState, stateOf } from './state.ts'

export interface StatementsContext {
  refs: Refs
  locks: Locks
  /** The keys at hand. Where there is no root yet, the first holds all roles, and is made when there is none. */
  keys: KeysAtHand
  /** Milliseconds since the epoch. */
  now(): number
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
  /** Forgets a staged change. @throws YardError `not-found`. */
  withdraw(id: number): Promise<void>
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
export function openStatements(context: StatementsContext): Statements {
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
    withdraw: id => underLock(context, work => work.withdraw(id)),
    async state() {
      const [published, staging, signers] = await Promise.all([
        readPublished(refs),
        readStaging(refs),
        context.keys.signers(),
      ])
      return stateOf(published, staging, signers)
    },
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
  withdraw(id: number): Promise<void>
}

/** The dot keeps it apart from repositories' locks. */
const statementsLock = '.departures'
const waitMilliseconds = 10_000

async function underLock<T>(context: StatementsContext, use: (work: Work) => Promise<T>): Promise<T> {
  const lock = await context.locks.acquire(statementsLock, waitMilliseconds)
  if (lock === undefined)
    throw new YardError('busy', 'somebody else is signing statements; nothing was changed', {
      hint: 'try again in a moment',
    })
  try {
    const published = (await readPublished(context.refs)) ?? (await beginning(context))
    const signers = await context.keys.signers()
    const staging = await readStaging(context.refs)
    staging.waiting = staging.waiting.filter(one => !isDone(one, published))
    const given = { ...context, signers, published, staging, now: context.now() }
    return await use({
      settle: change => settle(given, { id: staging.next, change, files: {} }),
      submit: metadata => submit(given, metadata),
      withdraw: id => withdraw(given, id),
    })
  } finally {
    lock.release()
  }
}

interface Given {
  refs: Refs
  signers: readonly StatementSigner[]
  published: Published
  staging: Staging
  now: number
}

/** The first root: one key holds all roles (the profile `solo`). */
async function beginning({ refs, keys: { signers, makeFirst }, now }: StatementsContext): Promise<Published> {
  if ((await signers()).length === 0) await makeFirst()
  const signer = (await signers())[0]!
  const keys: { [keyid: string]: ListedKey } = {}
  const solo = listTrust({ keys: [signer.key], threshold: 1 }, keys)
  const signed: RootSigned = {
    _type: 'root',
    spec_version: specVersion,
    version: 1,
    expires: expiresAt(now() + lifetimes.root * 1000),
    consistent_snapshot: true,
    keys,
    roles: { root: solo, targets: solo, snapshot: solo, timestamp: solo },
    [haltField]: solo,
  }
  const root = signMetadata<RootSigned>({ signed, signatures: [] }, [signer])
  await refs.write(departuresRef.metadata('1.root.json'), textOfMetadata(root))
  return (await readPublished(refs))!
}

/** Published, and forgotten only because a crash came in between. */
function isDone({ root, files }: Waiting, published: Published): boolean {
  const versionOf = (role: string) => published.snapshot?.signed.meta[`${role}.json`]?.version ?? 0
  return (
    (root === undefined || root.signed.version <= published.root.signed.version) &&
    Object.entries(files).every(([role, { signed }]) => signed.version <= versionOf(role))
  )
}

/** Publishes or stages a change, with those that wait for a role that it signs too. */
async function settle(given: Given, asked: Waiting): Promise<Outcome> {
  const { refs, published, staging, signers, now } = given
  let change = asked
  let others = staging.waiting.filter(({ id }) => id !== asked.id)
  let draft = await draftFor(given, change)
  for (;;) {
    const touched = new Set([...draft.files.keys(), ...(change.root === undefined ? [] : ['root'])])
    const met = others.filter(other => rolesOf(other).some(role => touched.has(role)))
    if (met.length === 0) break
    change = mergeWaiting(met, change)
    others = others.filter(other => !met.includes(other))
    draft = await draftFor(given, change)
  }
  const { root } = change
  const isNothing = draft.files.size === 0 && draft.removed.length === 0 && root === undefined
  const isMerged = others.length < staging.waiting.length
  if (isNothing && published.timestamp !== undefined) {
    if (isMerged) await writeStaging(refs, { ...staging, waiting: others })
    return {}
  }
  const next = Math.max(staging.next, change.id + 1)
  const waiting: Waiting = { ...change, files: forPeople(draft, signers) }
  if (!isComplete(given, draft, root)) {
    await writeStaging(refs, { version: 1, next, waiting: [...others, waiting] })
    return { staged: change.id }
  }
  // A rotation has two moments, the metadata and the root: what is staged says how to go on.
  if (root !== undefined) await writeStaging(refs, { version: 1, next, waiting: [...others, waiting] })
  const isRunning = await isAnyRunning(published, draft)
  const timestamp = await commit(refs, published, draft, { root, signers, now, isRunning })
  if (isMerged || root !== undefined) await writeStaging(refs, { version: 1, next, waiting: others })
  return { published: { timestamp, departures: departuresIn(draft) } }
}

function draftFor({ published, signers, now }: Given, { change, root, files }: Waiting): Promise<Draft> {
  return draftOf({
    published,
    change,
    root: root?.signed ?? published.root.signed,
    staged: files,
    signers,
    now,
  })
}

/** The files that the keys at hand cannot sign alone. */
function forPeople(draft: Draft, signers: readonly StatementSigner[]): Waiting['files'] {
  const atHand = new Set(signers.map(({ key }) => key.keyid))
  const files = [...draft.files].filter(
    ([, { trust }]) => trust.keys.filter(({ keyid }) => atHand.has(keyid)).length < trust.threshold,
  )
  return Object.fromEntries(files.map(([role, { metadata }]) => [role, metadata]))
}

function isComplete({ published }: Given, draft: Draft, root: Metadata<RootSigned> | undefined): boolean {
  const roots = root === undefined ? [] : [published.root.signed, root.signed]
  return (
    [...draft.files.values()].every(({ trust, metadata }) => isSatisfied(trust, metadata)) &&
    roots.every(({ roles, keys }) => isSatisfied(trustOf(roles.root, keys), root!))
  )
}

/** Whether any rollout is under way once the draft is published. */
async function isAnyRunning(published: Published, draft: Draft): Promise<boolean> {
  const drafted = draft.texts.filter(({ role }) => delegationOf(role).kind === 'rollout')
  if (drafted.some(({ text }) => isRunningRollout(text))) return true
  const replaced = new Set([...drafted.map(({ role }) => role), ...draft.removed])
  for (const { name, paths } of published.targets?.signed.delegations?.roles ?? []) {
    if (delegationOf(name).kind !== 'rollout' || replaced.has(name)) continue
    const text = await published.target(name, paths[0]!)
    if (text !== undefined && isRunningRollout(text)) return true
  }
  return false
}

function departuresIn({ texts }: Draft): Departures[] {
  return texts
    .filter(({ role }) => delegationOf(role).kind === 'channel')
    .map(({ text }) => JSON.parse(text) as Departures)
}

async function submit(given: Given, submitted: unknown): Promise<Outcome> {
  const { staging, published } = given
  const { signed, signatures } = checkedShape(submitted)
  const bytes = textOfMetadata({ signed, signatures: [] })
  const matches = (one: Metadata | undefined) =>
    one !== undefined && textOfMetadata({ signed: one.signed, signatures: [] }) === bytes
  const waiting = staging.waiting.find(
    ({ root, files }) => matches(root) || Object.values(files).some(matches),
  )
  if (waiting === undefined)
    throw new YardError('not-found', 'nothing staged says what was signed; nothing was changed', {
      hint: 'it may have been published, or replaced by a later change: see `switchyard trust staged`, and sign that',
    })
  const draft = await draftFor(given, waiting)
  const trusts = [...draft.files]
    .filter(([, { metadata }]) => matches(metadata))
    .map(([, { trust }]) => trust)
  if (matches(waiting.root))
    for (const { roles, keys } of [published.root.signed, waiting.root!.signed])
      trusts.push(trustOf(roles.root, keys))
  const keys = trusts.flatMap(trust => trust.keys)
  const good = new Set<string>(signersOf({ signed, signatures } as Metadata, keys))
  if (good.size === 0)
    throw new YardError(
      'untrusted',
      'none of its signatures is one of a key that may sign it; nothing was changed',
      {
        hint: 'see `switchyard trust staged` for the keys that may',
      },
    )
  const added = signatures.filter(({ keyid }) => good.has(keyid))
  const withAdded = <T extends Metadata>(one: T): T =>
    matches(one) ? { ...one, signatures: united(one.signatures, added) } : one
  return settle(given, {
    ...waiting,
    ...(waiting.root === undefined ? {} : { root: withAdded(waiting.root) }),
    files: Object.fromEntries(Object.entries(waiting.files).map(([role, one]) => [role, withAdded(one)])),
  })
}

function united(before: Metadata['signatures'], added: Metadata['signatures']): Metadata['signatures'] {
  return [...before.filter(({ keyid }) => !added.some(one => one.keyid === keyid)), ...added]
}

/** @throws YardError `invalid`. */
function checkedShape(value: unknown): Pick<Metadata, 'signed' | 'signatures'> {
  const { signed, signatures } = (value ?? {}) as Partial<Metadata>
  const isOne =
    typeof signed === 'object' &&
    signed !== null &&
    Array.isArray(signatures) &&
    signatures.length <= 64 &&
    signatures.every(one => typeof one?.keyid === 'string' && typeof one.sig === 'string')
  if (isOne) return { signed, signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })) }
  throw new YardError('invalid', 'that is no signed metadata; nothing was changed', {
    hint: 'submit what `switchyard sign` wrote',
  })
}

async function withdraw({ refs, staging }: Given, id: number): Promise<void> {
  const waiting = staging.waiting.filter(one => one.id !== id)
  if (waiting.length === staging.waiting.length)
    throw new YardError('not-found', `no change ${id} is staged; nothing was changed`, {
      hint: 'see `switchyard trust staged`',
    })
  await writeStaging(refs, { ...staging, waiting })
}
