import { type Labels, type Name, parseLabel, parseName, YardError } from '../model/index.ts'

/** `TRAIN` or `TRAIN/CHANNEL`. @throws YardError `usage`. */
export function parsePlace(text: string): { train: Name; channel?: Name } {
  const [train, channel, ...rest] = text.split('/')
  if (rest.length > 0)
    throw new YardError('usage', `not TRAIN or TRAIN/CHANNEL: ${JSON.stringify(text.slice(0, 160))}`)
  return { train: parseName(train!), ...(channel === undefined ? {} : { channel: parseName(channel) }) }
}

/** @param texts `LABEL=VALUE` each. @throws YardError `usage`. */
export function labelsOf(texts: readonly string[]): Labels {
  return Object.fromEntries(texts.map(text => parseLabel(text)).map(({ label, value }) => [label, value]))
}

/** @throws YardError `usage`. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new YardError('usage', `not a number from 1 to 9,999,999: ${JSON.stringify(text.slice(0, 80))}`)
}
