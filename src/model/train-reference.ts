import { YardError } from './errors.ts'
import { type Name, parseName } from './name.ts'
import { parseTimestamp, type Timestamp } from './timestamp.ts'

/** What `TRAIN`, `TRAIN@latest` or `TRAIN@20261121T070000Z` names: `at` undefined is the newest release. */
export interface ReleaseReference {
  train: Name
  at: Timestamp | undefined
}

export interface ChannelReference {
  train: Name
  channel: Name
}

/** @throws YardError `usage` when the text is no reference to a release. */
export function parseReleaseReference(text: string): ReleaseReference {
  const [name, at, ...rest] = text.split('@')
  if (rest.length > 0)
    throw new YardError('usage', `not a release: ${JSON.stringify(text.slice(0, 120))}`, {
      hint: 'write TRAIN, TRAIN@latest or TRAIN@20261121T070000Z',
    })
  return {
    train: parseName(name!),
    at: at === undefined || at === 'latest' ? undefined : parseTimestamp(at),
  }
}

/** @throws YardError `usage` when the text is not `TRAIN/CHANNEL`. */
export function parseChannelReference(text: string): ChannelReference {
  const [train, channel, ...rest] = text.split('/')
  if (channel === undefined || rest.length > 0)
    throw new YardError('usage', `not a channel: ${JSON.stringify(text.slice(0, 120))}`, {
      hint: 'write TRAIN/CHANNEL, for example web/production',
    })
  return { train: parseName(train!), channel: parseName(channel) }
}
