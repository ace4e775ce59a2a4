import {
  type Departures,
  type Grant,
  isDigest,
  isName,
  isTimestamp,
  type Json,
  type Name,
  type NamedRelease,
  type ReleaseStatement,
  type RolloutStatement,
  rolloutStates,
  wholeRank,
} from '../../../model/index.ts'

/**
 * Statements as values that cannot be wrong. The signature says who wrote one, not that it makes sense to this program.
 * Each throws an Error that says what is wrong with it.
 */
export function readReleaseStatement(bytes: Uint8Array): ReleaseStatement {
  const fields = object(parse(bytes))
  expectVersion(fields)
  for (const [name, value] of Object.entries(object(fields.repositories))) {
    const { format, snapshot, files, packages, anchors } = object(value)
    const { repository, timestamp } = object(snapshot)
    expect(isName(name) && (format === 'apt' || format === 'dnf'), `repository ${name}`)
    expect(text(repository, isName) && text(timestamp, isTimestamp), `the snapshot of ${name}`)
    expect(text(files, isDigest) && text(packages, isDigest), `the trees of ${name}`)
    const digests = Object.values(object(anchors))
    expect(
      digests.every(digest => text(digest, isDigest)),
      `the anchors of ${name}`,
    )
  }
  expect(text(fields.train, isName) && text(fields.release, isTimestamp), 'its release')
  return fields as unknown as ReleaseStatement
}

export function readDepartures(bytes: Uint8Array): Departures {
  const fields = object(parse(bytes))
  expectVersion(fields)
  expect(text(fields.train, isName) && text(fields.channel, isName), 'its channel')
  expect(isNamedRelease(fields.release), 'its release')
  expect(text(fields.floor, isTimestamp), 'its floor')
  expect(Array.isArray(fields.fallbacks) && fields.fallbacks.every(isNamedRelease), 'its fall-backs')
  expect(isCount(fields.lifted), 'the halts that it lifts')
  expect(text(fields.moved, isTimestamp), 'when it moved')
  return fields as unknown as Departures
}

export function readRolloutStatement(bytes: Uint8Array): RolloutStatement {
  const fields = object(parse(bytes))
  expectVersion(fields)
  expect(text(fields.train, isName) && text(fields.channel, isName), 'its channel')
  expect(isNamedRelease(fields.release), 'its release')
  expect(typeof fields.attempt === 'string', 'its attempt')
  expect(
    rolloutStates.some(state => state === fields.state),
    'its state',
  )
  expect(Array.isArray(fields.grants) && fields.grants.every(isGrant), 'its grants')
  expect(fields.onStale === 'freeze' || fields.onStale === 'continue', 'what is done when it is stale')
  return fields as unknown as RolloutStatement
}

function isNamedRelease(value: unknown): value is NamedRelease {
  const { release, digest } = isObject(value) ? value : {}
  return text(release, isTimestamp) && text(digest, isDigest)
}

function isGrant(value: unknown): value is Grant {
  const { stratum, below } = isObject(value) ? value : {}
  return typeof stratum === 'string' && isCount(below) && (below as number) <= wholeRank
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function text<T extends string>(value: unknown, is: (text: string) => text is T): value is T {
  return typeof value === 'string' && is(value)
}

function expectVersion({ version }: Fields): void {
  expect(version === 1, `its version is ${JSON.stringify(version)}, and this program knows 1`, true)
}

function expect(holds: boolean, what: string, whole = false): void {
  if (!holds) throw new Error(whole ? what : `${what} cannot be read`)
}

type Fields = Record<string, unknown>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function object(value: unknown): Fields {
  expect(isObject(value), 'a part of it')
  return value as Fields
}

function parse(bytes: Uint8Array): Json {
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as Json
}

/** Whether two statements speak of the same channel. */
export function isAbout(statement: { train: Name; channel: Name }, train: Name, channel: Name): boolean {
  return statement.train === train && statement.channel === channel
}
