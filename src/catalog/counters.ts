import type { Completeness } from './catalog.ts'
import type { CounterColumns } from './schema.ts'

export const counterColumns = [
  'total_entries',
  'total_bytes',
  'local_entries',
  'local_bytes',
  'lost_entries',
  'lost_bytes',
] as const satisfies (keyof CounterColumns)[]

export const nothingCounted: Completeness = {
  totalEntries: 0,
  totalBytes: 0,
  localEntries: 0,
  localBytes: 0,
  lostEntries: 0,
  lostBytes: 0,
}

export function completenessOf(row: CounterColumns): Completeness {
  return {
    totalEntries: row.total_entries,
    totalBytes: row.total_bytes,
    localEntries: row.local_entries,
    localBytes: row.local_bytes,
    lostEntries: row.lost_entries,
    lostBytes: row.lost_bytes,
  }
}

export function columnsOf(completeness: Completeness): CounterColumns {
  return {
    total_entries: completeness.totalEntries,
    total_bytes: completeness.totalBytes,
    local_entries: completeness.localEntries,
    local_bytes: completeness.localBytes,
    lost_entries: completeness.lostEntries,
    lost_bytes: completeness.lostBytes,
  }
}
