import { choice } from '../../config/index.ts'
import type { Advisory } from '../../formats/index.ts'
import { textOfByteString } from '../../model/index.ts'
import { severityRank } from '../../repository/index.ts'

/** As publishers of advisories grade them, the worst first. */
export type Severity = 'Critical' | 'Important' | 'Moderate' | 'Low'

export const severity = choice('Critical', 'Important', 'Moderate', 'Low')

/** Whether an advisory is about security, and as bad as `least` or worse. One that nobody graded is not. */
export function isAsBad({ type, severity }: Pick<Advisory, 'type' | 'severity'>, least: Severity): boolean {
  return type.toLowerCase() === 'security' && severityRank(textOfByteString(severity)) <= severityRank(least)
}
