import {
  type ChannelRecord,
  canonicalJson,
  type Hold,
  type HoldsRecord,
  isName,
  isTimestamp,
  type Json,
  type Name,
  type PlannedMove,
  type ReleaseRecord,
  type Timestamp,
} from '../model/index.ts'
import type { Refs } from '../store/index.ts'
import { readRecord, unlessDamaged } from './records.ts'

/** A record and the yard's signature over its canonical JSON, which a line feed follows. */
export interface Signed<T> {
  version: 1
  record: T
  /** Armoured, detached. */
  signature: string
  /** Fingerprints of the keys that signed. */
  keys: string[]
}

export type SignedRelease = Signed<ReleaseRecord>

/** What the yard's keys sign of a record: its canonical JSON and a line feed. */
export function signedBytes(record: object): Buffer {
  return Buffer.from(`${canonicalJson(record as Json)}\n`)
}

/** Where the refs of a train live below `refs/`. */
export const trainRefs = {
  trains: 'trains',
  releases: (train: Name) => `trains/${train}/releases`,
  release: (train: Name, timestamp: Timestamp) => `trains/${train}/releases/${timestamp}.json`,
  channels: (train: Name) => `trains/${train}/channels`,
  channel: (train: Name, channel: Name) => `trains/${train}/channels/${channel}.json`,
  moves: (train: Name) => `trains/${train}/moves`,
  move: (train: Name, channel: Name) => `trains/${train}/moves/${channel}.json`,
  holds: (train: Name) => `trains/${train}/holds.json`,
}

/** Names of every train that has refs, configured or not. */
export async function listTrains(refs: Refs): Promise<Name[]> {
  return (await refs.list(trainRefs.trains)).filter(isName)
}

/** Timestamps of a train's releases, oldest first. */
export async function listReleases(refs: Refs, train: Name): Promise<Timestamp[]> {
  const names = await refs.list(trainRefs.releases(train))
  return names.map(name => name.replace(/\.json$/, '')).filter(isTimestamp)
}

/** Names of the channels of a train that have been moved at least once. */
export async function listChannels(refs: Refs, train: Name): Promise<Name[]> {
  const names = await refs.list(trainRefs.channels(train))
  return names.map(name => name.replace(/\.json$/, '')).filter(isName)
}

/** @throws YardError `damaged` when the ref cannot be read. */
export function readRelease(
  refs: Refs,
  train: Name,
  timestamp: Timestamp,
): Promise<SignedRelease | undefined> {
  return readRecord<SignedRelease>(refs, trainRefs.release(train, timestamp))
}

/** What is held in a train and its channels, in force or expired. @throws YardError `damaged` when the ref cannot be read. */
export async function readHolds(refs: Refs, train: Name): Promise<Hold[]> {
  return (await readRecord<HoldsRecord>(refs, trainRefs.holds(train)))?.holds ?? []
}

/** @throws YardError `damaged` when the ref cannot be read. */
export function readChannel(refs: Refs, train: Name, channel: Name): Promise<ChannelRecord | undefined> {
  return readRecord<ChannelRecord>(refs, trainRefs.channel(train, channel))
}

/** The last move of a channel that was decided. Undefined too when the ref is damaged: where the channel stands tells the rest. */
export function readMove(refs: Refs, train: Name, channel: Name): Promise<PlannedMove | undefined> {
  return unlessDamaged(readRecord<PlannedMove>(refs, trainRefs.move(train, channel)))
}

/** Channels of a train of which a move was ever decided. */
export async function listMoves(refs: Refs, train: Name): Promise<Name[]> {
  const names = await refs.list(trainRefs.moves(train))
  return names.map(name => name.replace(/\.json$/, '')).filter(isName)
}
