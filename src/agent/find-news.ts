import {
  type HostCard,
  isYardError,
  maximumCardBytes,
  messageOf,
  type Name,
  timestampOf,
} from '../model/index.ts'
import type { Clock, Freshness, Trusted } from '../trust/pure.ts'
import { freshnessNow } from './freshness.ts'
import { readText, saveTrusted, trustAtEnrolment } from './host/agent-files.ts'
import type { ClockReading } from './host/clock.ts'
import { replaceFile } from './host/disk.ts'
import type { Inbox } from './inbox.ts'
import type { Memory, PlaceFinding, ServerFinding } from './memory.ts'
import { askPlaces } from './places/ask-places.ts'
import { openPlace, type YardServer } from './places/place.ts'
import type { Self } from './self.ts'
import { fetchCard } from './yard-client.ts'

/** What is believed, and the memory of how it was found. */
export interface Beliefs {
  trusted: Trusted
  card: HostCard | undefined
  memory: Memory
}

/**
 * Asks the places that the host has, and the server for its card.
 * @returns what could be verified, on the disk already, but for the memory.
 * @throws YardError of the disk.
 */
export async function findNews(
  self: Self,
  inbox: Inbox,
  server: YardServer,
  before: Beliefs,
): Promise<Beliefs> {
  const { identity, layout, settings, clock, isSynchronised } = self
  const places = (settings.places ?? identity.places).map(url => openPlace(url, settings.limits, server))
  try {
    const asked = [...inbox.places(before.trusted), ...places]
    const ask = (from: Trusted, { train, channel }: Followed) =>
      askPlaces(asked, from, trustAtEnrolment(identity), { train, channel, clock: clockOf(self) })
    const followed: Followed = before.memory.follows ?? identity
    const first = await ask(before.trusted, followed)
    const { card, finding } = await askForCard(self, server, first.trusted, before)
    const wanted: Followed = card ?? followed
    const moved = isSameChannel(wanted, followed) ? undefined : await ask(first.trusted, wanted)
    // What it knows of its old channel is not given up for a channel that it can have no statements of.
    const hasMoved = moved?.trusted.standing !== undefined
    const { trusted, findings } = hasMoved ? moved : first
    if (!isSameTrust(trusted, before.trusted)) saveTrusted(layout, trusted)
    const memory = remembering(before.memory, trusted, hasMoved ? wanted : followed, clock)
    const freshness = trusted.standing && freshnessNow(trusted.standing, memory, clock, isSynchronised)
    const check = {
      at: timestampOf(clock.now),
      places: findings.map(one => inTime(one, freshness)),
      ...(finding && { server: finding }),
    }
    return { trusted, card, memory: { ...memory, check } }
  } finally {
    for (const place of places) place.close()
  }
}

interface Followed {
  train: Name
  channel: Name
}

/** A new card is on the disk before it counts. */
async function askForCard(
  { identity, layout }: Self,
  server: YardServer,
  { standing }: Trusted,
  { card: known, memory }: Beliefs,
): Promise<{ card: HostCard | undefined; finding?: ServerFinding | undefined }> {
  // Who was shut out stays so until the server itself says otherwise.
  const last = memory.check?.server
  const shutOut = last?.finding === 'refused' ? last : undefined
  if (standing === undefined) return { card: known, finding: shutOut }
  try {
    const fetched = await fetchCard(server, identity, standing, readText(layout.card, maximumCardBytes))
    if (fetched === undefined) return { card: known }
    // The same counter does not mean the same card: it is made anew before it expires.
    if (JSON.stringify(fetched.card) !== JSON.stringify(known)) replaceFile(layout.card, fetched.envelope)
    return { card: fetched.card }
  } catch (error) {
    if (!isYardError(error, 'unavailable', 'refused', 'untrusted', 'invalid')) throw error
    if (error.code === 'unavailable' && shutOut !== undefined) return { card: known, finding: shutOut }
    const finding = error.code === 'unavailable' || error.code === 'refused' ? error.code : 'distrusted'
    return { card: known, finding: { finding, sentence: messageOf(error) } }
  }
}

function remembering(
  before: Memory,
  { standing }: Trusted,
  { train, channel }: Followed,
  { boot, uptime }: ClockReading,
): Memory {
  const isNew = standing !== undefined && standing.timestamp !== before.taken?.timestamp
  const taken = isNew ? { timestamp: standing.timestamp, boot, uptime } : before.taken
  return { ...before, follows: { train, channel }, ...(taken && { taken }) }
}

/** The newest that is known may have expired: then a place that shows nothing newer holds news back, or there is none. */
function inTime(place: PlaceFinding, freshness: Freshness | undefined): PlaceFinding {
  if (place.finding !== 'current' || freshness === undefined || freshness === 'fresh') return place
  const finding = freshness === 'expired' ? 'freeze' : freshness
  return { ...place, finding, sentence: 'it shows nothing newer than statements that seem to have expired' }
}

/** Asking whether the clock is right may take a process: only whoever needs to know does. */
function clockOf({ clock, isSynchronised }: Self): Clock {
  let synchronised: boolean | undefined
  return {
    now: clock.now,
    get synchronised() {
      synchronised ??= isSynchronised()
      return synchronised
    },
  }
}

function isSameChannel(one: Followed, other: Followed): boolean {
  return one.train === other.train && one.channel === other.channel
}

function isSameTrust(one: Trusted, other: Trusted): boolean {
  const rest = ({ standing, halt }: Trusted) => JSON.stringify({ standing, halt })
  return (
    one.metadata.size === other.metadata.size &&
    [...one.metadata].every(([role, bytes]) =>
      Buffer.from(bytes).equals(other.metadata.get(role) ?? nothing),
    ) &&
    rest(one) === rest(other)
  )
}

const nothing = new Uint8Array()
