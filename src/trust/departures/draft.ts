import { canonicalJson, digestOf, isYardError, type Json } from '../../model/index.ts'
import { nextVersion } from '../statements/layout.ts'
import type { StatementSigner } from '../statements/statement-key.ts'
import { type Change, delegationOf, lifetimeOf } from './change.ts'
import {
  type Delegations,
  expiresAt,
  type FileFacts,
  isSatisfied,
  type ListedKey,
  listTrust,
  type Metadata,
  type RoleTrust,
  type RootSigned,
  signMetadata,
  specVersion,
  type TargetsSigned,
  trustOf,
} from './metadata.ts'
import type { Published } from './published.ts'

/** The files that a change makes, signed by the keys at hand; nothing of it is written yet. */
export interface Draft {
  files: Map<string, DraftedFile>
  /** Targets, by role and path. */
  texts: { role: string; path: string; facts: FileFacts; text: string }[]
  removed: string[]
}

/** What a role of targets is to sign, and who must. */
export interface DraftedFile {
  metadata: Metadata<TargetsSigned>
  trust: RoleTrust
}

export interface DraftOptions {
  published: Published
  change: Change
  /** The root under which it will be read; another than the published one while keys are rotated. */
  root: RootSigned
  /** What already waits for signatures: kept, with those that it has, where it still says the same. */
  staged: { [role: string]: Metadata<TargetsSigned> }
  signers: readonly StatementSigner[]
  /** Milliseconds since the epoch. */
  now: number
}

export async function draftOf(options: DraftOptions): Promise<Draft> {
  const { published, change } = options
  const before = published.targets?.signed.delegations ?? { keys: {}, roles: [] }
  const delegations = nextDelegations(before, options)
  const files: Draft['files'] = new Map()
  const add = (role: string, file: DraftedFile | undefined) => file && files.set(role, file)
  add('targets', await draftTargets(options, delegations))
  const rekeyed = new Set(
    delegations === before ? [] : delegations.roles.filter(isNewIn(before)).map(({ name }) => name),
  )
  for (const delegated of delegations.roles) {
    const { name } = delegated
    if (!rekeyed.has(name) && !(name in change.roles) && !change.renewed.includes(name)) continue
    add(name, await draftRole(options, name, trustOf(delegated, delegations.keys)))
  }
  const texts = Object.entries(change.roles).flatMap(([role, { put }]) =>
    Object.entries(put).map(([path, text]) => ({ role, path, facts: factsOf(text), text })),
  )
  return { files, texts, removed: change.removed }
}

/** The roles below `targets` as they are to be, sorted by name so that order says nothing. */
function nextDelegations(before: Delegations, { published, change, root }: DraftOptions): Delegations {
  const known = new Set(before.roles.map(({ name }) => name))
  const isSettled =
    root === published.root.signed &&
    change.removed.length === 0 &&
    Object.keys(change.trust).length === 0 &&
    Object.keys(change.roles).every(role => known.has(role))
  // Thousands of channels are looked at only when one of them comes, goes or gets other keys.
  if (isSettled) return before
  const trusts = new Map(before.roles.map(role => [role.name, trustOf(role, before.keys)]))
  for (const [role, trust] of Object.entries(followedTrusts(published, root))) trusts.set(role, trust)
  for (const role of change.removed) trusts.delete(role)
  for (const role of Object.keys(change.roles))
    if (!trusts.has(role)) trusts.set(role, defaultTrust(role, root))
  for (const [role, trust] of Object.entries(change.trust)) trusts.set(role, trust)
  const keys: { [keyid: string]: ListedKey } = {}
  const roles = [...trusts.keys()].sort().map(name => ({
    name,
    ...listTrust(trusts.get(name)!, keys),
    paths: delegationOf(name).paths,
    terminating: true as const,
  }))
  return { keys, roles }
}

/** Who signed by default under the published root goes on doing so under the next one: new keys in place of the old ones. */
function followedTrusts({ root, targets }: Published, next: RootSigned): { [role: string]: RoleTrust } {
  const { keys = {}, roles = [] } = targets?.signed.delegations ?? {}
  const byDefault = roles.filter(role =>
    isSameTrust(trustOf(role, keys), defaultTrust(role.name, root.signed)),
  )
  return Object.fromEntries(byDefault.map(({ name }) => [name, defaultTrust(name, next)]))
}

function isSameTrust(one: RoleTrust, other: RoleTrust): boolean {
  const idsOf = ({ keys }: RoleTrust) =>
    keys
      .map(({ keyid }) => keyid)
      .sort()
      .join()
  return one.threshold === other.threshold && idsOf(one) === idsOf(other)
}

/** Channels are the people's who delegate them; what is done without people is the online key's. */
function defaultTrust(role: string, { roles, keys }: RootSigned): RoleTrust {
  return trustOf(delegationOf(role).kind === 'channel' ? roles.targets : roles.snapshot, keys)
}

function isNewIn(before: Delegations) {
  const known = new Map(before.roles.map(role => [role.name, canonicalJson(role as unknown as Json)]))
  return (role: Delegations['roles'][number]) =>
    known.get(role.name) !== canonicalJson(role as unknown as Json)
}

async function draftTargets(
  options: DraftOptions,
  delegations: Delegations,
): Promise<DraftedFile | undefined> {
  const { published, change, root } = options
  const trust = trustOf(root.roles.targets, root.keys)
  const content = { targets: {}, delegations }
  const file = published.targets
  // What was published under this root was signed as it must be.
  const isSettled = file?.signed.delegations === delegations && root === published.root.signed
  const isUnchanged =
    isSettled || (file !== undefined && isSame(contentOf(file.signed), content) && isSatisfied(trust, file))
  if (isUnchanged && !change.renewed.includes('targets')) return undefined
  // Hosts that have not seen a new root yet read it too.
  const former = trustOf(published.root.signed.roles.targets, published.root.signed.keys)
  return { metadata: signedAnew(options, 'targets', content, [trust, former]), trust }
}

async function draftRole(
  options: DraftOptions,
  role: string,
  trust: RoleTrust,
): Promise<DraftedFile | undefined> {
  const { put, drop } = options.change.roles[role] ?? { put: {}, drop: [] }
  const file = await readUnlessReplaced(options.published, role, Object.keys(put))
  const targets = { ...file?.signed.targets }
  for (const path of drop) delete targets[path]
  for (const [path, text] of Object.entries(put)) targets[path] = factsOf(text)
  const content = { targets }
  const isGood = file !== undefined && isSame(contentOf(file.signed), content) && isSatisfied(trust, file)
  if (isGood && !options.change.renewed.includes(role)) return undefined
  const isRunning = await isRunningAfter(options.published, role, put)
  return { metadata: signedAnew(options, role, content, [trust], isRunning), trust }
}

async function isRunningAfter(published: Published, role: string, put: { [path: string]: string }) {
  const { kind, paths } = delegationOf(role)
  if (kind !== 'rollout') return false
  const text = put[paths[0]!] ?? (await published.target(role, paths[0]!))
  return text !== undefined && isRunningRollout(text)
}

/** A damaged file of a role whose only statement is replaced is of no interest. */
async function readUnlessReplaced(published: Published, role: string, replaced: string[]) {
  try {
    return await published.role(role)
  } catch (error) {
    if (!isYardError(error, 'damaged') || delegationOf(role).kind === 'releases' || replaced.length === 0)
      throw error
    return undefined
  }
}

type Content = Pick<TargetsSigned, 'targets' | 'delegations'>

function signedAnew(
  { published, staged, signers, now }: DraftOptions,
  role: string,
  content: Content,
  trusts: readonly RoleTrust[],
  isRunning = false,
): Metadata<TargetsSigned> {
  const trusted = new Set(trusts.flatMap(({ keys }) => keys.map(({ keyid }) => keyid)))
  const own = signers.filter(({ key }) => trusted.has(key.keyid))
  const last = published.snapshot?.signed.meta[`${role}.json`]?.version ?? 0
  const waiting = Object.hasOwn(staged, role) ? staged[role] : undefined
  const lifetime = lifetimeOf(role, isRunning) * 1000
  const isWaiting =
    waiting !== undefined && waiting.signed.version > last && isSame(contentOf(waiting.signed), content)
  if (isWaiting) return signMetadata(waiting, own)
  const signed: TargetsSigned = {
    _type: 'targets',
    spec_version: specVersion,
    version: nextVersion(Math.max(last, waiting?.signed.version ?? 0), now),
    expires: expiresAt(now + lifetime),
    ...content,
  }
  return signMetadata({ signed, signatures: [] }, own)
}

function contentOf({ targets, delegations }: TargetsSigned): Content {
  return delegations === undefined ? { targets } : { targets, delegations }
}

function isSame(one: Content, other: Content): boolean {
  return canonicalJson(one as unknown as Json) === canonicalJson(other as unknown as Json)
}

export function factsOf(text: string): FileFacts {
  const bytes = Buffer.from(text)
  return { length: bytes.length, hashes: { sha256: digestOf(bytes) } }
}

/** Whether that statement is a rollout's that is under way. */
export function isRunningRollout(text: string): boolean {
  return (JSON.parse(text) as { state?: unknown }).state === 'running'
}
