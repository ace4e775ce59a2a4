import { YardError } from './errors.ts'

/** A second in UTC as `20261121T064500Z`; sorts as text. */
export type Timestamp = string & { readonly Timestamp: unique symbol }

const shape = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/

/** The timestamp of a moment in milliseconds since the epoch, rounded down to its second. */
export function timestampOf(milliseconds: number): Timestamp {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, '') as Timestamp
}

/** Milliseconds since the epoch. */
export function millisecondsOf(timestamp: Timestamp): number {
  const [, year, month, day, hour, minute, second] = shape.exec(timestamp)!
  return Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +second!)
}

export function isTimestamp(text: string): text is Timestamp {
  return shape.test(text) && timestampOf(millisecondsOf(text as Timestamp)) === text
}

/** @throws YardError `usage` when the text is not a real second written as `20261121T064500Z`. */
export function parseTimestamp(text: string): Timestamp {
  if (isTimestamp(text)) return text
  throw new YardError('usage', `not a timestamp: ${JSON.stringify(text.slice(0, 40))}`, {
    hint: 'write it in UTC as YYYYMMDDThhmmssZ, for example 20261121T064500Z',
  })
}

/** The timestamp for work that begins now: strictly later than `last`, even when the clock stands still or goes back. */
export function nextTimestamp(nowMilliseconds: number, last: Timestamp | undefined): Timestamp {
  const now = timestampOf(nowMilliseconds)
  return last === undefined || now > last ? now : timestampOf(millisecondsOf(last) + 1000)
}
