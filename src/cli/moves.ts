import { parseReleaseReference, type Timestamp, textOfByteString, YardError } from '../model/index.ts'
import type { MovedReport, MoveReport, StagedMove, Wait } from '../train/index.ts'
import { roleText } from './statements-text.ts'
import { durationText, numberText, printable } from './text.ts'

/** Where a channel is said to stand. @throws YardError `usage` for what names no single release. */
export function expectedAt(reference: string | undefined): { expected?: Timestamp } {
  if (reference === undefined) return {}
  const { at } = parseReleaseReference(reference)
  if (at !== undefined) return { expected: at }
  throw new YardError('usage', `--expected ${printable(reference)} names no single release`, {
    hint: 'write TRAIN@20261121T070000Z',
  })
}

const reissuedShown = 10

/** Where a channel went, and what clients will make of it beside other packages. */
export function moveText(report: MoveReport): string {
  const lines = report.outcome === 'staged' ? stagedLines(report.staged) : [moveLine(report)]
  return [...lines, ...changeLines(report)].map(line => `${line}\n`).join('')
}

/** 0; 4 for a channel that waits for signatures. */
export function moveStatus({ outcome }: MoveReport): number {
  return outcome === 'staged' ? 4 : 0
}

function stagedLines({ train, channel, release, id, waits }: StagedMove): string[] {
  return [
    `${train}/${channel}  stays: ${train}@${release} passed, and waits for signatures (change ${id})`,
    ...waits.map(waitLine),
    '  `switchyard trust staged` shows what is to be signed; `switchyard sign` signs it, `switchyard trust submit` brings it back',
  ]
}

/** Whose signatures something waits for. */
export function waitLine({ role, threshold, signers }: Wait): string {
  const left = signers.filter(({ signed }) => !signed).map(({ name }) => name)
  return printable(
    `  ${roleText(role)}: ${signers.length - left.length} of ${threshold} have signed; ${left.join(', ')} may`,
  )
}

function moveLine({ outcome, channel, from, milliseconds }: MovedReport): string {
  const name = `${channel.train}/${channel.channel}`
  const release = `${channel.train}@${channel.release}`
  if (outcome === 'unchanged') return `${name}  is at ${release} already`
  const before = from === undefined ? '' : `, was at ${from}`
  return `${name}  is at ${release} now${before}; ${durationText(milliseconds)}`
}

function changeLines({ changes: { identity, reissued, reissuedCount, lost } }: MoveReport): string[] {
  const more = reissuedCount - Math.min(reissued.length, reissuedShown)
  return [
    ...identity.map(
      ({ repository, suite, field, from, to }) =>
        `  ${repository} ${shown(suite)}: ${field} changes from ${printable(JSON.stringify(from))} to ${printable(JSON.stringify(to))}: every apt must confirm it with --allow-releaseinfo-change`,
    ),
    ...reissued
      .slice(0, reissuedShown)
      .map(({ repository, path }) => `  re-issued with other bytes: ${repository} ${shown(path)}`),
    ...(more > 0 ? [`  and ${numberText(more)} more packages re-issued`] : []),
    ...lost.map(note => `  LOST: ${printable(note)}`),
  ]
}

function shown(bytes: string): string {
  return printable(textOfByteString(bytes))
}
