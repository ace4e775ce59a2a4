import {
  isDigest,
  isName,
  isTimestamp,
  type Name,
  type SnapshotName,
  type Timestamp,
} from '../model/index.ts'
import { dictionary } from './dictionary.ts'
import { defaulting, object, optional, required } from './object.ts'
import { integer, type JsonSchema, located, type Shape, text } from './shape.ts'
import { name } from './values.ts'

const most = 10_000

const namePattern = '[a-z0-9][a-z0-9.-]{0,62}'
const timestampPattern = '[0-9]{8}T[0-9]{6}Z'

/** `NAME@T`, a release or a snapshot. */
function dated(what: string): Shape<SnapshotName> {
  return text(what, datedName, { json: { pattern: `^${namePattern}@${timestampPattern}$` } })
}

/** The parts of `NAME@T`; undefined for anything else. */
export function datedName(value: string): { repository: Name; timestamp: Timestamp } | undefined {
  const [first = '', timestamp = '', ...rest] = value.split('@')
  return rest.length === 0 && isName(first) && isTimestamp(timestamp)
    ? { repository: first, timestamp }
    : undefined
}

/** The parts of `TRAIN/CHANNEL`; undefined for anything else. */
export function channelName(value: string): { train: Name; channel: Name } | undefined {
  const [train = '', channel = '', ...rest] = value.split('/')
  return rest.length === 0 && isName(train) && isName(channel) ? { train, channel } : undefined
}

const release = dated('a release such as `web@20261121T070000Z`')
const snapshot = dated('a snapshot such as `debian@20261121T064500Z`')
const channelKey = text(
  'a channel such as `web/production`',
  value => (channelName(value) === undefined ? undefined : value),
  { json: { pattern: `^${namePattern}/${namePattern}$` } },
)
/** As keys are: text again, once it has been checked. */
const textOf = (shape: Shape<SnapshotName>): Shape<string> => ({
  json: shape.json,
  read: (node, place, reading) => {
    const read = shape.read(node, place, reading)
    return read && `${read.repository}@${read.timestamp}`
  },
})

const digest = text(
  'a SHA-256 of 64 lower-case hexadecimal digits',
  value => (isDigest(value) ? value : undefined),
  {
    json: { pattern: '^[0-9a-f]{64}$' },
  },
)

const reason = text('text', value => value)

/** The whole file. Every key's type and documentation stands in these tables and nowhere else. */
export const lockShape = object('a map with the keys `version`, `channels`, `releases` and `snapshots`', {
  version: required(integer(1, 1), 'The version of this format: 1.'),
  channels: defaulting(
    dictionary('a map of channels', most, channelKey, located(release)),
    new Map(),
    'By `TRAIN/CHANNEL`: the release that it shall be on.',
  ),
  releases: defaulting(
    dictionary(
      'a map of releases',
      most,
      textOf(release),
      object('a map with `snapshots`', {
        snapshots: required(
          dictionary('a map of snapshots by their repositories', most, name, located(snapshot)),
          'By the repositories of the train: the snapshot that travels.',
        ),
        'bump-of': optional(located(release), 'Of a bump: the release that it changes.'),
        why: optional(reason, 'Why it was cut.'),
      }),
    ),
    new Map(),
    'By `TRAIN@T`: what every release that a channel names is made of.',
  ),
  snapshots: defaulting(
    dictionary(
      'a map of snapshots',
      most,
      textOf(snapshot),
      object('a map with `files` and `packages`', {
        files: required(digest, 'Digest of its files tree.'),
        packages: required(digest, 'Digest of its packages tree.'),
      }),
    ),
    new Map(),
    'By `REPO@T`: what every snapshot that a release names holds.',
  ),
})

type Of<S> = S extends Shape<infer T> ? T : never
export type LockFields = Of<typeof lockShape>

/** The JSON Schema (2020-12) of `switchyard.lock.yaml`, for editors. */
export function lockJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'switchyard.lock.yaml',
    ...lockShape.json,
  }
}
