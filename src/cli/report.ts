import { type ErrorCode, errorCodes } from '../model/index.ts'
import type { ChangeCount } from '../repository/index.ts'
import type { Completeness, SnapshotSummary, SyncReport } from '../yard/index.ts'
import { countText, durationText, numberText, percentText, printable, sizeText } from './text.ts'

/** One line on what became of a repository in a sync. */
export function syncLine(report: SyncReport): string {
  switch (report.outcome) {
    case 'created': {
      const { record } = report.snapshot
      return `${report.repository}@${record.timestamp}  ${changeText(report.change)}; ${summaryText(report.snapshot)}; ${costText(report)}`
    }
    case 'unchanged':
      return `${report.repository}  nothing new${report.snapshot === undefined ? '' : ` since ${report.snapshot}`}; ${costText(report)}`
    case 'stale':
      return `${report.repository}  ${printable(report.warning)}`
    case 'failed':
      return `${report.repository}  FAILED: ${printable(report.error.message)}${report.error.hint === undefined ? '' : `\n  ${printable(report.error.hint)}`}`
  }
}

/** The exit status for a whole sync: 0 when all went well, 4 when some did; when none did that of their errors, 1 where they differ. */
export function syncStatus(reports: SyncReport[]): number {
  const failed = reports.filter(report => report.outcome === 'failed')
  if (failed.length === 0) return 0
  if (failed.length < reports.length) return 4
  const [status, ...others] = new Set(failed.map(({ error }) => errorCodes[error.code as ErrorCode].exit))
  return others.length === 0 ? status! : 1
}

export function summaryText({ record, completeness }: SnapshotSummary): string {
  return `${countText(record.packageCount, 'package')}, ${completenessText(completeness)}`
}

/** `2,112 files, 1.0 GB, all here`, or how many are. */
export function completenessText(completeness: Completeness): string {
  const { totalEntries, totalBytes, localEntries, localBytes, lostEntries } = completeness
  const whole = `${countText(totalEntries, 'file')}, ${sizeText(totalBytes)}`
  const lost = lostEntries === 0 ? '' : `, ${numberText(lostEntries)} lost upstream`
  if (localEntries === totalEntries) return `${whole}, all here`
  return `${whole}, ${percentText(localBytes, totalBytes)} here (${sizeText(localBytes)})${lost}`
}

export function changeText(change: ChangeCount): string {
  const parts = Object.entries(change)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${numberText(count)} ${kind}`)
  return parts.length === 0 ? 'no package changed' : parts.join(', ')
}

function costText(
  report: SyncReport & { cost: { requests: number; fetchedBytes: number; milliseconds: number } },
): string {
  const { requests, fetchedBytes, milliseconds } = report.cost
  return `${countText(requests, 'request')}, ${sizeText(fetchedBytes)} fetched, ${durationText(milliseconds)}`
}
