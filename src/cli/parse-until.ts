import { isTimestamp, type Timestamp, YardError } from '../model/index.ts'

/** The last second of `2026-12-31`, or the second that is written as `20261231T120000Z`. @throws YardError `usage`. */
export function parseUntil(text: string): Timestamp {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  const written = day === null ? text : `${day[1]}${day[2]}${day[3]}T235959Z`
  if (isTimestamp(written)) return written
  throw new YardError('usage', `not a day: ${JSON.stringify(text.slice(0, 40))}`, {
    hint: 'write the last day, such as 2026-12-31, or a second in UTC, such as 20261231T120000Z',
  })
}
