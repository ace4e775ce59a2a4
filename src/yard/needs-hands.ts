import { type Halt, type Name, type Timestamp, timestampOf } from '../model/index.ts'
import type { Wait } from '../train/index.ts'
import { lifetimes, readRole, roleOf } from '../trust/pure.ts'

/** What a person should see to, as one sentence, and how. */
export interface Hand {
  what: string
  hint: string
}

/** One channel, and what its hosts are told of it. */
export interface ChannelStatus {
  train: Name
  channel: Name
  /** Where it stands, since when, and who moved it; absent: it has never been moved. */
  release?: Timestamp
  moved?: Timestamp
  who?: string
  /**
   * Where hosts are told that it stands, the release below which none of them goes, and those to which they may be taken back; absent:
   * they are told nothing.
   */
  told?: { release: Timestamp; floor: Timestamp; fallbacks: Timestamp[] }
  /** Numbers of the halts that hold its hosts. */
  halts: number[]
}

/** How long what one role signed is good. */
export interface RoleStatus {
  /** Of the metadata: `timestamp`, `channel_web_production`. */
  role: string
  expires: Timestamp
  /** The keys of the yard alone do not suffice for it. */
  byPeople: boolean
}

export interface StagedStatus {
  id: number
  waits: Wait[]
}

export interface StatusFacts {
  /** Why something of what hosts are told, or of who signs it, cannot be read. */
  faults: readonly { message: string; hint?: string | undefined }[]
  channels: readonly ChannelStatus[]
  roles: readonly RoleStatus[]
  isAnyRunning: boolean
  staged: readonly StagedStatus[]
  /** Those that hold a channel. */
  halts: readonly Halt[]
  /** Repositories whose last sync failed. */
  failing: readonly { repository: Name; at: Timestamp; message: string }[]
  /** Hosts of which two seem to exist; undefined: the catalog cannot be asked. */
  quarantined: number | undefined
}

/** All that waits for somebody, the most urgent first. @param now milliseconds since the epoch. */
export function needsHands(facts: StatusFacts, now: number): Hand[] {
  return [
    ...facts.faults.map(({ message, hint }) => ({
      what: message,
      hint: hint ?? '`switchyard fsck` says more',
    })),
    ...facts.halts.map(halt => ofHalt(halt, facts.channels)),
    ...facts.roles.flatMap(role => ofRole(role, facts.isAnyRunning, now)),
    // Of what cannot be read it is not known what hosts are told.
    ...(facts.faults.length > 0 ? [] : facts.channels.flatMap(channel => ofChannel(channel, facts.staged))),
    ...facts.staged.map(ofStaged),
    ...facts.failing.map(({ repository, at, message }) => ({
      what: `${repository} could not be synced at ${at}: ${message}`,
      hint: `\`switchyard sync ${repository}\` once that is mended`,
    })),
    ...ofCatalog(facts.quarantined),
  ]
}

function ofHalt({ number, who, why }: Halt, channels: readonly ChannelStatus[]): Hand {
  const held = channels.filter(({ halts }) => halts.includes(number)).map(nameOf)
  return {
    what: `halt ${number} by ${who} holds ${held.join(', ')}: ${why}`,
    hint: held.map(name => `\`switchyard rollout resume ${name}\``).join(', '),
  }
}

function ofRole({ role, expires, byPeople }: RoleStatus, isAnyRunning: boolean, now: number): Hand[] {
  const at = timestampOf(now)
  const soon = timestampOf(now + (lifetimeOf(role, isAnyRunning) * 1000) / 4)
  if (expires > soon) return []
  return [
    {
      what:
        expires > at
          ? `${wordsOf(role)} expires at ${expires}`
          : `${wordsOf(role)} expired at ${expires}: hosts start nothing`,
      hint: byPeople
        ? '`switchyard trust refresh` asks people to sign it again, `switchyard trust staged` shows it'
        : '`switchyard trust refresh`; a running server does it every hour',
    },
  ]
}

/** Seconds; half of it passes before it is signed again by itself. */
function lifetimeOf(role: string, isAnyRunning: boolean): number {
  if (role === 'root' || role === 'targets') return lifetimes[role]
  const kind = readRole(role)?.kind
  if (kind === 'releases' || kind === 'channel') return lifetimes[kind]
  return isAnyRunning ? lifetimes.online.running : lifetimes.online.idle
}

/** `what hosts are told of channel web/production`. */
function wordsOf(role: string): string {
  const read = readRole(role)
  if (read === undefined) return `the ${role} of what hosts are told`
  const names = read.kind === 'releases' ? read.train : `${read.train}/${read.channel}`
  return `what hosts are told of ${read.kind} ${names}`
}

function ofChannel(channel: ChannelStatus, staged: readonly StagedStatus[]): Hand[] {
  const { train, release, told } = channel
  if (release === undefined || told?.release === release) return []
  const isWaiting = staged.some(({ waits }) =>
    waits.some(({ role }) => role === roleOf.channel(train, channel.channel)),
  )
  if (isWaiting) return []
  return [
    {
      what: `${nameOf(channel)} is at ${train}@${release}, but its hosts are told ${told === undefined ? 'nothing' : `of ${train}@${told.release}`}`,
      hint: '`switchyard trust refresh` tells them; a running server does it every hour',
    },
  ]
}

function ofStaged({ id, waits }: StagedStatus): Hand {
  return {
    what: `change ${id} waits for signatures: ${waits.map(waitText).join('; ')}`,
    hint: '`switchyard trust staged --out FILE` writes what `switchyard sign` signs; `switchyard trust submit` brings it back',
  }
}

function waitText({ role, threshold, signers }: Wait): string {
  const left = signers.filter(({ signed }) => !signed).map(({ name }) => name)
  return `${role.replace('_', ' ').replace('_', '/')} ${signers.length - left.length} of ${threshold}, ${left.join(', ')} may`
}

function ofCatalog(quarantined: number | undefined): Hand[] {
  if (quarantined === undefined)
    return [
      {
        what: 'the database cannot be asked',
        hint: '`switchyard fsck` says why; content is served all the same',
      },
    ]
  if (quarantined === 0) return []
  return [
    {
      what: `${quarantined} ${quarantined === 1 ? 'host is' : 'hosts are'} quarantined`,
      hint: '`switchyard host ls` shows them',
    },
  ]
}

function nameOf({ train, channel }: ChannelStatus): string {
  return `${train}/${channel}`
}
