import { isTimestamp, millisecondsOf, YardError } from '../model/index.ts'

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * `30s`, `5m`, `12h`, `7d` before or after `now`, or a timestamp; in milliseconds since the epoch.
 * @throws YardError `usage`.
 */
export function momentOf(text: string, now: number, direction: 'before' | 'after'): number {
  if (isTimestamp(text)) return millisecondsOf(text)
  const [, count, unit] = /^(\d{1,5})([smhd])$/.exec(text) ?? []
  if (unit === undefined)
    throw new YardError('usage', `not a moment: ${JSON.stringify(text.slice(0, 80))}`, {
      hint: 'write 30s, 5m, 12h, 7d or 20261121T064500Z',
    })
  const span = Number(count) * units[unit as keyof typeof units]
  return direction === 'before' ? now - span : now + span
}
