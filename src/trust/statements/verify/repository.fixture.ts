import { generateKeyPairSync } from 'node:crypto'
import {
  canonicalJson,
  type Departures,
  type Digest,
  digestOf,
  type Halt,
  type Json,
  type Name,
  type ReleaseStatement,
  type RolloutStatement,
  type Timestamp,
  timestampOf,
} from '../../../model/index.ts'
import { sealEnvelope } from '../envelope.ts'
import { haltsText, readHalts, withHalts } from '../halts.ts'
import { haltField, lifetimes, pathsOf, roleOf, targetOf } from '../layout.ts'
import { type StatementSigner, statementSignerOf } from '../statement-key.ts'
import { type Advance, advance, type Trusted } from './advance.ts'
import { type Clock, freshnessOf } from './clock.ts'
import type { Source } from './source.ts'

export const train = 'web' as Name
export const channel = 'production' as Name
export const start = Date.UTC(2026, 10, 21)
export const day = 24 * 3_600_000

export const newSigner = (): StatementSigner => statementSignerOf(generateKeyPairSync('ed25519').privateKey)

export const clockAt = (now: number, synchronised = true): Clock => ({ now, synchronised })

export const releasesRole = roleOf.releases(train)
export const channelRole = roleOf.channel(train, channel)
export const rolloutRole = roleOf.rollout(train, channel)
export const rolloutPaths = pathsOf.rollout(train, channel)

type Table<T = unknown> = { [name: string]: T }
interface RoleKeys {
  keyids: string[]
  threshold: number
}
export interface Signed extends Table {
  _type: string
  version: number
  expires: string
}
export interface RootFields extends Signed {
  keys: Table
  roles: Table<RoleKeys>
}
export interface TargetsFields extends Signed {
  targets: Table<{ length: number; hashes: Table<string> }>
  delegations?: { keys: Table; roles: (RoleKeys & { name: string; paths: string[]; terminating: boolean })[] }
}
interface MetaFields extends Signed {
  meta: Table<{ version: number; length?: number; hashes?: Table<string> }>
}

/**
 * A yard's departures, written as plain JSON by nobody's library: honest until a test touches its fields. What was signed stays as it was
 * until it is published again; `files` is what a place serves.
 */
export function createYard(at = start) {
  const blank = <T extends Signed>(_type: string, rest: object): T =>
    ({ _type, spec_version: '1.0.34', version: 0, expires: '', ...rest }) as unknown as T
  const yard = {
    now: at,
    files: new Map<string, Buffer>(),
    /** Who signs a role; the keys that may are in `root` or in a delegation. */
    signers: new Map<string, StatementSigner[]>(),
    halters: [newSigner()],
    halted: 0,
    root: blank<RootFields>('root', { consistent_snapshot: true, keys: {}, roles: {} }),
    timestamp: blank<MetaFields>('timestamp', { meta: {} }),
    snapshot: blank<MetaFields>('snapshot', { meta: {} }),
    roles: new Map<string, TargetsFields>(),
    release: undefined as unknown as ReleaseStatement,
    departures: undefined as unknown as Departures,
    rollout: undefined as unknown as RolloutStatement,
  }

  const put = (path: string, bytes: Buffer) => void yard.files.set(path, bytes)

  function renew(signed: Signed, seconds: number): void {
    signed.version = Math.max(signed.version + 1, Math.floor(yard.now / 1000))
    signed.expires = iso(yard.now + seconds * 1000)
  }

  function sign(role: string, signed: Signed): Buffer {
    return Buffer.from(JSON.stringify(signedBy(yard.signers.get(role) ?? [], signed)))
  }

  function publishRoot(): void {
    yard.root.version++
    yard.root.expires = iso(yard.now + lifetimes.root * 1000)
    put(`metadata/${yard.root.version}.root.json`, sign('root', yard.root))
  }

  /** What stands in a role, as it is. */
  function putRole(role: string): void {
    const signed = yard.roles.get(role)!
    const bytes = sign(role, signed)
    put(`metadata/${signed.version}.${encodeURIComponent(role)}.json`, bytes)
    yard.snapshot.meta[`${role}.json`] = metaOf(signed, bytes)
  }

  /** Snapshot and timestamp, as they are. */
  function putOnline(): void {
    const bytes = sign('snapshot', yard.snapshot)
    put(`metadata/${yard.snapshot.version}.snapshot.json`, bytes)
    yard.timestamp.meta = { 'snapshot.json': metaOf(yard.snapshot, bytes) }
    put('metadata/timestamp.json', sign('timestamp', yard.timestamp))
  }

  /** Signs the roles anew, then snapshot and timestamp. */
  function publish(...roles: string[]): void {
    for (const role of roles) {
      renew(yard.roles.get(role)!, lifetimeOf(role))
      putRole(role)
    }
    renew(yard.snapshot, lifetimes.online.idle)
    renew(yard.timestamp, lifetimes.online.idle)
    putOnline()
  }

  /** A statement as a target of a role. */
  function state(role: string, path: string, statement: object): void {
    const bytes = Buffer.from(canonicalJson(statement as Json))
    const sha256 = digestOf(bytes)
    yard.roles.get(role)!.targets[path] = { length: bytes.length, hashes: { sha256 } }
    put(`targets/${path.replace(/[^/]+$/, name => `${sha256}.${name}`)}`, bytes)
  }

  function setDepartures(departures: Departures): void {
    yard.departures = departures
    state(channelRole, targetOf.departures(train, channel), departures)
  }

  function setRollout(rollout: RolloutStatement): void {
    yard.rollout = rollout
    state(rolloutRole, targetOf.rollout(train, channel), rollout)
  }

  /** A release, the channel moved to it, and a rollout that grants it to all. */
  function depart(release: Timestamp, changes: Partial<Departures> = {}): void {
    const statement = releaseOf(release)
    yard.release = statement
    state(releasesRole, targetOf.release(train, release), statement)
    const { fallbacks = [], floor = release, lifted = 0 } = yard.departures ?? {}
    const moved = timestampOf(yard.now)
    setDepartures({
      version: 1,
      train,
      channel,
      release: named(statement),
      floor,
      fallbacks,
      lifted,
      moved,
      ...changes,
    })
    setRollout(rolloutTo(yard.departures.release))
    publish(releasesRole, channelRole, rolloutRole)
  }

  /** Who may sign a top role from the next root on, which the keys of the old and the new root sign. */
  function rotate(role: string, signers: StatementSigner[], threshold = 1): void {
    const before = yard.signers.get('root') ?? []
    allow(role, signers, threshold)
    yard.signers.set('root', [...new Set([...before, ...yard.signers.get('root')!])])
    publishRoot()
    yard.signers.set('root', role === 'root' ? signers : before)
  }

  function allow(role: string, signers: StatementSigner[], threshold = 1): void {
    for (const { key } of signers) yard.root.keys[key.keyid] = tufKey(key)
    yard.root.roles[role] = { keyids: signers.map(({ key }) => key.keyid), threshold }
    yard.signers.set(role, signers)
  }

  /** A role delegates to another, after those that it delegates to already. */
  function delegate(
    name: string,
    paths: string[],
    signers = [newSigner()],
    { threshold = 1, delegator = 'targets', terminating = true } = {},
  ): void {
    const from = yard.roles.get(delegator)!
    from.delegations ??= { keys: {}, roles: [] }
    const { keys, roles } = from.delegations
    for (const { key } of signers) keys[key.keyid] = tufKey(key)
    const role = { name, keyids: signers.map(({ key }) => key.keyid), threshold, terminating, paths }
    from.delegations.roles = [...roles.filter(one => one.name !== name), role]
    yard.signers.set(name, signers)
    if (!yard.roles.has(name)) yard.roles.set(name, blank('targets', { targets: {} }))
  }

  /** Remembers what the yard says and who signs it, to say it again with new versions after somebody else used its keys. */
  function remember(): () => void {
    const { departures, rollout, signers } = yard
    const before = structuredClone({ roles: yard.roles, meta: yard.snapshot.meta })
    const signing = new Map(signers)
    return () => {
      for (const [role, signed] of before.roles)
        yard.roles.set(role, { ...signed, version: yard.roles.get(role)!.version })
      for (const file of Object.keys(before.meta)) yard.snapshot.meta[file] ??= before.meta[file]!
      Object.assign(yard, { departures, rollout, signers: signing })
      setDepartures(departures)
      setRollout(rollout)
    }
  }

  /** One more channel, on the release of the first; the same keys sign its rollouts. */
  function addChannel(name: Name): void {
    const roles = [roleOf.channel(train, name), roleOf.rollout(train, name)] as const
    delegate(roles[0], pathsOf.channel(train, name))
    delegate(roles[1], pathsOf.rollout(train, name), yard.signers.get(rolloutRole))
    state(roles[0], targetOf.departures(train, name), { ...yard.departures, channel: name })
    state(roles[1], targetOf.rollout(train, name), { ...yard.rollout, channel: name })
    yard.now += 5_000
    publish('targets', ...roles)
  }

  /** One more halt among the latest. */
  function halt(changes: Partial<Halt> = {}, signers = yard.halters): Halt {
    const number = ++yard.halted
    const at = timestampOf(yard.now)
    const statement: Halt = { version: 1, number, scope: [], who: 'ada', why: 'it burns', at, ...changes }
    const others = readHalts(yard.files.get('halt/latest.json')?.toString() ?? '[]')!
    put(
      'halt/latest.json',
      Buffer.from(haltsText(withHalts(others, [sealEnvelope('halt', statement, signers)]))),
    )
    return statement
  }

  for (const role of ['root', 'timestamp', 'snapshot', 'targets']) allow(role, [newSigner()])
  for (const { key } of yard.halters) yard.root.keys[key.keyid] = tufKey(key)
  yard.root[haltField] = { keyids: yard.halters.map(({ key }) => key.keyid), threshold: 1 }
  publishRoot()
  yard.roles.set('targets', blank('targets', { targets: {} }))
  delegate(releasesRole, pathsOf.releases(train))
  delegate(channelRole, pathsOf.channel(train, channel))
  delegate(rolloutRole, pathsOf.rollout(train, channel))
  renew(yard.roles.get('targets')!, lifetimes.targets)
  putRole('targets')
  depart(timestampOf(at))

  const root = yard.files.get('metadata/1.root.json')!
  return Object.assign(yard, {
    /** What a host has when it has enrolled. */
    enrolled: (): Trusted => ({ metadata: new Map([['root', root]]) }),
    source: () => sourceOf(yard.files),
    put,
    sign,
    allow,
    publishRoot,
    putRole,
    putOnline,
    publish,
    state,
    setDepartures,
    setRollout,
    depart,
    rotate,
    remember,
    delegate,
    addChannel,
    halt,
  })
}

export type FixtureYard = ReturnType<typeof createYard>

/** The host of the test's channel looks once; by default at what the yard serves, now, with a clock that is right. */
export function follow(
  yard: FixtureYard,
  trusted: Trusted,
  { source = yard.source(), clock = clockAt(yard.now) }: { source?: Source; clock?: Clock } = {},
): Promise<Advance> {
  return advance(trusted, source, { train, channel, clock })
}

/** A place that serves files as they are, reading no further than it must; it notes what was asked. */
export function sourceOf(files: ReadonlyMap<string, Buffer>): Source & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    fetch: async (path, maximumBytes) => {
      asked.push(path)
      return files.get(path)?.subarray(0, maximumBytes + 1)
    },
  }
}

/** What trust lets a host do now: how its statements are, and which halt binds it. */
export function judgeTrust({ standing, halt }: Trusted, clock: Clock) {
  const number = halt?.halt.number ?? 0
  return {
    statements: standing === undefined ? 'none' : freshnessOf(standing, clock),
    ...(number > (standing?.departures.lifted ?? 0) && { halted: number }),
  }
}

export function signedBy(signers: readonly StatementSigner[], signed: Signed) {
  // Canonical JSON of TUF escapes no line ends, which keys in PEM have.
  const bytes = Buffer.from(canonicalJson(signed as Json & Signed).replaceAll('\\n', '\n'))
  return {
    signed,
    signatures: signers.map(({ key, sign }) => ({ keyid: key.keyid, sig: sign(bytes).toString('hex') })),
  }
}

export function tufKey({ keytype, scheme, public: hex }: StatementSigner['key']) {
  return { keytype, scheme, keyval: { public: hex } }
}

function metaOf({ version }: Signed, bytes: Buffer) {
  return { version, length: bytes.length, hashes: { sha256: digestOf(bytes) } }
}

export function named(statement: ReleaseStatement) {
  return {
    release: statement.release,
    digest: digestOf(Buffer.from(canonicalJson(statement as unknown as Json))),
  }
}

export function releaseOf(release: Timestamp): ReleaseStatement {
  const digest = (text: string): Digest => digestOf(Buffer.from(`${release} ${text}`))
  const debian = 'debian' as Name
  return {
    version: 1,
    train,
    release,
    repositories: {
      [debian]: {
        format: 'apt',
        snapshot: { repository: debian, timestamp: release },
        files: digest('files'),
        packages: digest('packages'),
        anchors: { 'dists/bookworm/Release': digest('Release') },
      },
    },
  }
}

export function rolloutTo(release: RolloutStatement['release']): RolloutStatement {
  const grants = [{ stratum: '', below: 1_000_000 }]
  return { version: 1, train, channel, release, attempt: 'a', state: 'idle', grants, onStale: 'freeze' }
}

function lifetimeOf(role: string): number {
  if (role === 'targets') return lifetimes.targets
  return role === rolloutRole ? lifetimes.online.idle : lifetimes.channel
}

/** As TUF writes a moment. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+/, '')
}
