import type { Verdict } from '../train/index.ts'
import { durationText, printable } from './text.ts'

const findingsShown = 10

/** A gate's verdict for a person, a line each: what it says, the first of what it found, what would make it pass. */
export function verdictLines({
  label,
  evidence,
  from,
}: Pick<Verdict, 'label' | 'evidence'> & Partial<Verdict>): string[] {
  const { passed, summary, findings, findingCount, remedy, begun, milliseconds, who } = evidence
  const when = from === 'now' ? durationText(milliseconds) : `judged ${begun} for ${who}`
  const shown = findings.slice(0, findingsShown).map(line => `    ${printable(line)}`)
  const more = findingCount - shown.length
  return [
    `  ${passed ? 'passes ' : 'REFUSES'}  ${label}: ${printable(summary)} (${when})`,
    ...shown,
    ...(more > 0 ? [`    and ${more} more`] : []),
    ...(remedy === undefined ? [] : [`    to pass: ${printable(remedy)}`]),
  ]
}

/** As soon as a gate has judged, for whoever waits. */
export function doneLine({ label, evidence: { passed, channel, milliseconds } }: Verdict): string {
  return `${channel}: ${label} ${passed ? 'passes' : 'refuses'} after ${durationText(milliseconds)}\n`
}
