import { nearestName } from '../config/index.ts'
import { type ChannelMove, type ChannelReference, YardError } from '../model/index.ts'
import type { Verdict } from './judge-release.ts'

/** What of a verdict a refusal needs. */
type Told = Pick<Verdict, 'label'> & { evidence: Pick<Verdict['evidence'], RefusalFields> }
type RefusalFields = 'passed' | 'summary' | 'findings' | 'findingCount' | 'remedy'

const findingsShown = 5

/**
 * What the gates together say: the overridden ones among those that refuse, when every other one passed.
 * @throws YardError `refused`: which gates, why, and what would pass them.
 */
export function decide(
  release: string,
  { train, channel }: ChannelReference,
  verdicts: readonly Told[],
  overrides: readonly string[],
): { label: string; summary: string }[] {
  const refusing = verdicts.filter(({ evidence }) => !evidence.passed)
  const standing = refusing.filter(({ label }) => !overrides.includes(label))
  if (standing.length === 0)
    return refusing.map(({ label, evidence }) => ({ label, summary: evidence.summary }))
  const lines = standing.flatMap(linesOf)
  const [first] = standing
  throw new YardError(
    'refused',
    `${release} does not enter ${train}/${channel}: ${standing.length} of ${verdicts.length} gates refuse; nothing was moved\n${lines.join('\n')}`,
    {
      hint: `\`switchyard gate ${release} --channel ${channel} --show ${first!.label}\` shows all of it; whoever has the right goes past it with --override ${first!.label} --why TEXT`,
    },
  )
}

function linesOf({ label, evidence }: Told): string[] {
  const { summary, findings, findingCount, remedy } = evidence
  const shown = findings.slice(0, findingsShown)
  const more = findingCount - shown.length
  return [
    `  ${label}: ${summary}`,
    ...shown.map(line => `    ${line}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
    ...(remedy === undefined ? [] : [`    to pass: ${remedy}`]),
  ]
}

/** @throws YardError `usage` for an override without a reason, or of what is no gate of the channel. */
export function checkOverrides(
  { train, channel }: ChannelReference,
  labels: readonly string[],
  overrides: readonly string[],
  why: string | undefined,
): void {
  for (const name of overrides) {
    if (labels.includes(name)) continue
    const nearest = nearestName(name, labels)
    throw new YardError('usage', `${name} is no gate of ${train}/${channel}; nothing was moved`, {
      hint: nearest === undefined ? `its gates are: ${labels.join(', ')}` : `did you mean ${nearest}?`,
    })
  }
  if (overrides.length > 0 && (why === undefined || why.trim() === ''))
    throw new YardError('usage', 'a gate is overridden for a reason, which is kept; nothing was moved', {
      hint: 'say it with --why',
    })
}

/** As a move keeps them. */
export function overriddenBy(
  gates: readonly { label: string }[],
  why: string | undefined,
): NonNullable<ChannelMove['overridden']> {
  return gates.map(({ label }) => ({ gate: label, why: why ?? '' }))
}
