import {
  type Departures,
  type Halt,
  haltConcerns,
  type Name,
  type NamedRelease,
  YardError,
} from '../../model/index.ts'
import {
  type Delegations,
  type RoleTrust,
  type RootSigned,
  type TargetsSigned,
  type TrustedKey,
  topRoles,
  trustOf,
} from '../departures/metadata.ts'
import { haltsText, haltTrustOf, openHalts } from '../statements/halts.ts'
import { haltField, ownedPaths, readRole, targetOf } from '../statements/layout.ts'
import { type SigningRequest, textNamed, type WaitingMetadata } from './request.ts'
import { understoodDepartures, understoodRoot, understoodTargets } from './understood.ts'

/** What signing one piece of metadata means. */
export interface Meaning {
  /** Id of the change that it belongs to. */
  change: number
  role: string
  /** `root 2`, `web/production`. */
  title: string
  version: number
  /** `2027-11-21T07:00:00Z`: worth nothing from then on. */
  expires: string
  says: Line[]
}

export interface Line {
  what: string
  now: string
  /** How it is until then; absent for what is new. */
  before?: string
}

/**
 * What everything that waits means, out of the very bytes that are signed; what was before is as the request tells it.
 * @throws YardError `untrusted` for what cannot be said completely, contradicts itself, or is behind what is in force.
 */
export function meaningsOf(request: SigningRequest): Meaning[] {
  return request.waiting.map(one => meaningOf(request, one))
}

function meaningOf(request: SigningRequest, one: WaitingMetadata): Meaning {
  const { change, role, metadata } = one
  const { version, expires } = metadata.signed
  const common = { change, role, version, expires }
  if (role === 'root') {
    const root = understoodRoot(metadata.signed, role)
    const before = understoodRoot(request.root.signed, 'the root in force')
    if (version !== before.version + 1)
      throw untrusted(role, `version ${version} does not come right after ${before.version}`)
    const says = [...rootLines(root, before), ...endedLines(request, root)]
    return { ...common, title: `root ${version}`, says }
  }
  const targets = understoodTargets(metadata.signed, role)
  const inForce = role === 'targets' ? request.targets?.signed : one.before?.signed
  const before = inForce === undefined ? undefined : understoodTargets(inForce, `${role} in force`)
  if (before !== undefined && version <= before.version)
    throw untrusted(role, `its version ${version} does not follow ${before.version}`)
  if (role === 'targets') {
    if (Object.keys(targets.targets).length > 0) throw untrusted(role, 'it names files itself')
    const says = delegationLines(targets.delegations, before?.delegations)
    return { ...common, title: 'who signs for trains and channels', says }
  }
  const { train, channel } = channelOf(role)
  const says = departuresLines(request, { train, channel }, targets, before)
  return { ...common, title: `${train}/${channel}`, says }
}

function rootLines(root: RootSigned, before: RootSigned): Line[] {
  const trustIn = (of: RootSigned) =>
    [...topRoles.map(role => [role, of.roles[role]] as const), ['halts', of[haltField]] as const].map(
      ([what, keyids]) => [what, trustText(trustOf(keyids, of.keys))] as const,
    )
  return compared(trustIn(root), trustIn(before))
}

/** The halts whose authors may stop no more: hosts forget them with the old root. */
function endedLines({ halts, root: before }: SigningRequest, root: RootSigned): Line[] {
  const opened = (signed: RootSigned) =>
    openHalts(haltsText(halts), {
      ...haltTrustOf(signed as unknown as { [field: string]: unknown }),
      object: 'the request',
    })
  const still = new Set(opened(root).map(({ envelope }) => envelope.payload))
  return opened(before.signed)
    .filter(({ envelope }) => !still.has(envelope.payload))
    .map(({ halt }) => ({ what: 'ENDS halt', now: haltText(halt) }))
}

function delegationLines(now: Delegations | undefined, before: Delegations | undefined): Line[] {
  const trustIn = ({ roles, keys }: Delegations) =>
    roles.map(role => [delegatedWords(role), trustText(trustOf(role, keys))] as const)
  return compared(now ? trustIn(now) : [], before && trustIn(before))
}

/** @throws YardError `untrusted` for a role that would own other paths than its name says. */
function delegatedWords({ name, paths }: { name: string; paths: string[] }): string {
  const role = readRole(name)
  if (role !== undefined && ownedPaths(role).join('\n') === paths.join('\n')) {
    if (role.kind === 'releases') return `releases of ${role.train}`
    return `${role.kind === 'channel' ? 'channel' : 'rollouts of'} ${role.train}/${role.channel}`
  }
  throw untrusted('targets', `${JSON.stringify(name)} would sign for ${paths.join(', ')}`)
}

function departuresLines(
  request: SigningRequest,
  { train, channel }: { train: Name; channel: Name },
  targets: TargetsSigned,
  previous: TargetsSigned | undefined,
): Line[] {
  const object = `${train}/${channel}`
  const statementIn = (of: TargetsSigned): Departures => {
    const path = targetOf.departures(train, channel)
    const digest = of.targets[path]?.hashes.sha256
    if (digest === undefined || Object.keys(of.targets).length > 1 || of.delegations !== undefined)
      throw untrusted(object, 'it names other files than the statement of its channel')
    const text = textNamed(request, digest)
    if (text === undefined) throw untrusted(object, 'the statement that it names is not in the request')
    const statement = understoodDepartures(text, object)
    if (statement.train === train && statement.channel === channel) return statement
    throw untrusted(object, `its statement speaks of ${statement.train}/${statement.channel}`)
  }
  const now = statementIn(targets)
  const before = previous === undefined ? undefined : statementIn(previous)
  const lines = (of: Departures): [string, string][] => [
    ['release', releaseText(train, of.release)],
    ['floor', `${train}@${of.floor}`],
    ['fall-backs', of.fallbacks.map(one => releaseText(train, one)).join(', ') || 'none'],
    ['halts', of.lifted === 0 ? 'none is lifted' : `lifted up to number ${of.lifted}`],
  ]
  return [...compared(lines(now), before && lines(before)), ...liftedLines(request, now, before)]
}

/** The halts that the statement would end, each with its reason. */
function liftedLines(
  { root, halts }: SigningRequest,
  now: Departures,
  before: Departures | undefined,
): Line[] {
  const trust = haltTrustOf(root.signed as unknown as { [field: string]: unknown })
  return openHalts(haltsText(halts), { ...trust, object: 'the request' })
    .filter(({ halt }) => halt.number <= now.lifted && halt.number > (before?.lifted ?? 0))
    .filter(({ halt }) => haltConcerns(halt, now.train, now.channel))
    .map(({ halt }) => ({
      what: 'lifts halt',
      now: haltText(halt),
    }))
}

function haltText({ number, who, at, why }: Halt): string {
  return `${number} of ${who}, ${at}: ${why}`
}

/** What is now beside what was before; what is no more comes last. */
function compared(
  now: readonly (readonly [string, string])[],
  before: readonly (readonly [string, string])[] | undefined,
): Line[] {
  const old = new Map(before)
  const kept = new Set(now.map(([what]) => what))
  return [
    ...now.map(([what, text]) => {
      const was = old.get(what)
      return { what, now: text, ...(was === undefined ? {} : { before: was }) }
    }),
    ...[...old]
      .filter(([what]) => !kept.has(what))
      .map(([what, was]) => ({ what, now: 'nobody', before: was })),
  ]
}

function releaseText(train: Name, { release, digest }: NamedRelease): string {
  return `${train}@${release} ${digest}`
}

/** `2 of ada 0123456789abcdef, ben 89abcdef01234567`. */
function trustText({ keys, threshold }: RoleTrust): string {
  return `${threshold} of ${keys.map(keyText).join(', ') || 'nobody'}`
}

/** Enough of a key's id to tell keys apart, after its owner's name, which proves nothing. */
export function keyText({ keyid, owner }: TrustedKey): string {
  return `${owner === undefined ? '' : `${owner} `}${keyid.slice(0, 16)}`
}

/** @throws YardError `untrusted` for what people never sign. */
function channelOf(role: string): { train: Name; channel: Name } {
  const read = readRole(role)
  if (read?.kind === 'channel') return read
  throw untrusted(role.slice(0, 200), 'people do not sign for such a role')
}

function untrusted(object: string, why: string): YardError {
  return new YardError('untrusted', `${object}: ${why}; nothing was signed`, {
    hint: 'ask who made the request; do not sign it with other tools',
  })
}
