import { type ByteString, isTimestamp, type Name, type Timestamp } from '../model/index.ts'
import type { Refs } from '../store/index.ts'
import { readRecord, unlessDamaged, writeRecord } from './records.ts'
import type { IdentityChange } from './suite-identity.ts'

/**
 * What clients meet between two releases of a train beside other packages. The releases never change, so it is told once and
 * remembered, for both directions; losing it costs telling it again.
 */
export interface ReleaseComparison {
  version: 1
  /** From the older release to the newer one. */
  identity: (IdentityChange & { repository: Name })[]
  /** Paths of packages that have other bytes; the first ones. */
  reissued: { repository: Name; path: ByteString }[]
  reissuedCount: number
}

/** Undefined too when it is damaged. */
export function readComparison(
  refs: Refs,
  train: Name,
  older: Timestamp,
  newer: Timestamp,
): Promise<ReleaseComparison | undefined> {
  return unlessDamaged(readRecord<ReleaseComparison>(refs, refOf(train, older, newer)))
}

export function writeComparison(
  refs: Refs,
  train: Name,
  older: Timestamp,
  newer: Timestamp,
  comparison: ReleaseComparison,
): Promise<void> {
  return writeRecord(refs, refOf(train, older, newer), comparison)
}

/** The refs of all comparisons with a release. */
export async function listComparisons(refs: Refs, train: Name, release: Timestamp): Promise<string[]> {
  const names = await refs.list(directoryOf(train))
  return names
    .filter(name =>
      name
        .replace(/\.json$/, '')
        .split('-')
        .filter(isTimestamp)
        .includes(release),
    )
    .map(name => `${directoryOf(train)}/${name}`)
}

function refOf(train: Name, older: Timestamp, newer: Timestamp): string {
  return `${directoryOf(train)}/${older}-${newer}.json`
}

function directoryOf(train: Name): string {
  return `trains/${train}/compared`
}
