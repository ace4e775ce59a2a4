import {
  defaulting,
  list,
  mapped,
  object,
  required,
  shortOrLong,
  suite,
  timeout,
} from '../../config/index.ts'
import { type Advisory, formatEvr } from '../../formats/index.ts'
import {
  type ByteString,
  millisecondsOf,
  type Name,
  type SnapshotRecord,
  type Timestamp,
  textOfByteString,
} from '../../model/index.ts'
import { advisoriesOf, changedKeys, compareVersions } from '../../repository/index.ts'
import { emptyTree } from '../../tree/index.ts'
import { countText } from './count-text.ts'
import { firstSeen, keyOf } from './first-seen.ts'
import type { Gate, GateSubject, Judgement } from './gate.ts'
import { isAsBad, type Severity, severity } from './severity.ts'
import { timeText } from './time-text.ts'

export interface Cooldown {
  seconds: number
  /** A package that a security advisory of this severity or a worse one names need not wait. */
  urgent: Severity
  /** Suites of apt upstreams whose packages need not wait. */
  suites: ByteString[]
}

/** A package that the channel does not have yet. */
export interface Arrival {
  repository: Name
  family: ByteString
  name: ByteString
  architecture: ByteString
  version: ByteString
  /** Undefined: no repository that it may come from ever had it. */
  since: Timestamp | undefined
  /** Of the upstreams that have it. */
  suites: ReadonlySet<ByteString>
}

const long = mapped(
  object('a map with `for`', {
    for: required(timeout, 'How long a package must have been public.'),
    urgent: defaulting(
      severity,
      'Important',
      'RPM: what a security advisory of this severity, or a worse one, names need not wait. Default: Important.',
    ),
    suites: defaulting(
      list('a list of suites', suite),
      [],
      'APT: suites whose packages need not wait, such as `bookworm-security`. Default: none.',
    ),
  }),
  (fields): Cooldown => ({
    seconds: fields.for,
    urgent: fields.urgent,
    suites: fields.suites.map(({ value }) => value),
  }),
)
const short = mapped(timeout, (seconds): Cooldown => ({ seconds, urgent: 'Important', suites: [] }))

export const cooldown: Gate<Cooldown> = {
  name: 'cooldown',
  help: 'How long a package that is new in the channel must have been public: `3d`, or a map.',
  options: shortOrLong(short, long),
  bare: undefined,
  async judge(subject, options) {
    const arrivals = await arrivalsOf(subject)
    const now = subject.context.now()
    const young = arrivals.filter(one => isYoung(one, options, now))
    const named = young.some(({ family }) => family === 'rpm')
      ? await urgentAdvisories(subject, options.urgent)
      : []
    return judgeCooldown(arrivals, named, options, now)
  },
  countsForSeconds: () => 0,
}

/** Packages of the release that the channel does not have, each once, with what is known of them. */
async function arrivalsOf({ context, snapshots, current }: GateSubject): Promise<Arrival[]> {
  const arrivals: Arrival[] = []
  for (const [repository, record] of snapshots) {
    const before = current?.snapshots.get(repository)?.packages ?? emptyTree('packages').digest
    const came = new Map<string, Parameters<typeof keyOf>[0] & Omit<Arrival, 'since' | 'suites'>>()
    for await (const key of changedKeys(context.trees, before, record.packages)) {
      const { family, name, architecture, version, digest, change } = key
      if (change === 'came') came.set(keyOf(key), { repository, family, name, architecture, version, digest })
    }
    const known = await firstSeen(context, record, [...came.values()])
    for (const [key, { digest: _, ...one }] of came)
      arrivals.push({ ...one, since: known.get(key)?.since, suites: known.get(key)?.suites ?? new Set() })
  }
  return arrivals
}

/** What the release's own metadata says of security: the packages that it names, of advisories that are bad enough. */
async function urgentAdvisories(
  { context, snapshots, signal }: GateSubject,
  least: Severity,
): Promise<Advisory[]> {
  const found: Advisory[] = []
  for (const record of rpmOnes(snapshots))
    for await (const advisory of advisoriesOf(context, record, signal))
      if (isAsBad(advisory, least)) found.push(advisory)
  return found
}

function rpmOnes(snapshots: ReadonlyMap<Name, SnapshotRecord>): SnapshotRecord[] {
  return [...snapshots.values()].filter(({ format }) => format === 'dnf')
}

function isYoung({ since, suites }: Arrival, { seconds, suites: exempt }: Cooldown, now: number): boolean {
  if (exempt.some(suite => suites.has(suite))) return false
  return since === undefined || now - millisecondsOf(since) < seconds * 1000
}

/** Passes when everything that is new has been public for long enough, or is exempt. */
export function judgeCooldown(
  arrivals: readonly Arrival[],
  urgent: readonly Pick<Advisory, 'id' | 'collections'>[],
  options: Cooldown,
  now: number,
): Judgement {
  const named = namedBy(urgent)
  const young = arrivals.filter(one => isYoung(one, options, now))
  const excused: string[] = []
  const waiting: Arrival[] = []
  for (const one of young) {
    const advisory = named
      .get(`${one.name}\0${one.architecture}`)
      ?.find(({ version }) => one.family === 'rpm' && compareVersions('rpm', version, one.version) === 0)
    if (advisory === undefined) waiting.push(one)
    else excused.push(`${shown(one)} need not wait: ${textOfByteString(advisory.id)}`)
  }
  const inputs = { arrivals: arrivals.length, young: young.length, excused: excused.length }
  const limit = timeText(options.seconds)
  if (waiting.length === 0) {
    const but = excused.length === 0 ? '' : `, but for ${excused.length} that an urgent advisory names`
    const summary =
      arrivals.length === 0
        ? 'no package is new'
        : `none of ${countText(arrivals.length, 'new package')} is too young: all public for ${limit}${but}`
    return { passed: true, summary, findings: excused, inputs }
  }
  const youngest = waiting.reduce((age, { since }) => Math.min(age, ageOf(since, now)), options.seconds)
  return {
    passed: false,
    summary: `too young, public for less than ${limit}: ${waiting.length} of ${countText(arrivals.length, 'new package')}`,
    findings: waiting.map(one =>
      one.since === undefined
        ? `${shown(one)}: it is not known since when`
        : `${shown(one)}: since ${one.since}, for ${timeText(ageOf(one.since, now))}`,
    ),
    remedy: `wait another ${timeText(options.seconds - youngest)}, hold these packages, or cut a release of older snapshots`,
    inputs,
  }
}

/** In seconds; of what nobody has seen before it is nothing. */
function ageOf(since: Timestamp | undefined, now: number): number {
  return since === undefined ? 0 : Math.max(0, Math.floor((now - millisecondsOf(since)) / 1000))
}

function namedBy(
  advisories: readonly Pick<Advisory, 'id' | 'collections'>[],
): Map<string, { id: ByteString; version: ByteString }[]> {
  const named = new Map<string, { id: ByteString; version: ByteString }[]>()
  for (const { id, collections } of advisories)
    for (const one of collections.flatMap(({ packages }) => packages)) {
      const key = `${one.name}\0${one.arch}`
      named.set(key, [...(named.get(key) ?? []), { id, version: formatEvr(one) }])
    }
  return named
}

function shown({ repository, name, architecture, version }: Arrival): string {
  return textOfByteString(`${name} ${version} (${architecture}) of ${repository}`)
}
