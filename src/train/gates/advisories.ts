import { defaulting, duration, object, required } from '../../config/index.ts'
import { type Advisory, advisoryTime, formatEvr } from '../../formats/index.ts'
import {
  type ByteString,
  type Name,
  type SnapshotRecord,
  textOfByteString,
  timestampOf,
} from '../../model/index.ts'
import {
  advisoriesOf,
  compareVersions,
  findSnapshot,
  keysNamed,
  listSnapshots,
} from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import type { Gate, GateSubject, Judgement } from './gate.ts'
import { isAsBad, type Severity, severity } from './severity.ts'
import { timeText } from './time-text.ts'

interface Options {
  severity: Severity
  within: number
}

/** A package that an advisory asks to install. */
export interface Fix {
  id: string
  severity: string
  /** In milliseconds since the epoch; undefined where the advisory has no date. */
  issued: number | undefined
  name: ByteString
  architecture: ByteString
  version: ByteString
}

export const advisories: Gate<Options> = {
  name: 'advisories',
  help: 'RPM: no fix that the newest snapshots know may be missing for longer than this.',
  options: object('a map with `within`', {
    severity: defaulting(
      severity,
      'Important',
      'Of which security advisories: of this severity or a worse one. Default: Important.',
    ),
    within: required(duration, 'How long after an advisory was issued its fix may still be missing.'),
  }),
  bare: undefined,
  async judge(subject, options) {
    const rpm = [...subject.snapshots.values()].filter(({ format }) => format === 'dnf')
    if (rpm.length === 0)
      return {
        passed: false,
        summary:
          'no RPM repository travels, and apt archives tell of no advisories: there is nothing to judge by',
        findings: [],
        remedy: 'take `advisories` out of the gates of this channel',
      }
    const newest = await newestOf(subject.context, rpm)
    const { fixes, modular } = await fixesIn(subject, newest, options.severity)
    if (modular > 0) subject.log(`${modular} packages of module streams are not compared`)
    const have = await versionsOf(subject.context, rpm, new Set(fixes.map(({ name }) => name)))
    const judged = judgeFixes(fixes, have, { seconds: options.within, now: subject.context.now() })
    return { ...judged, inputs: { newest: newest.map(nameOf), fixes: fixes.length, modular } }
  },
  countsForSeconds: () => 0,
}

/** The newest snapshots of these repositories and of all that they are made from: what is known by now. */
async function newestOf(
  context: TrainContext,
  records: readonly SnapshotRecord[],
): Promise<SnapshotRecord[]> {
  const newest = new Map<Name, SnapshotRecord>()
  const open = records.map(({ repository }) => repository)
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (newest.has(name) || (await listSnapshots(context.refs, name)).length === 0) continue
    const record = await findSnapshot(context, name)
    newest.set(name, record)
    open.push(...(record.inputs ?? []).map(({ repository }) => repository))
  }
  return [...newest.values()]
}

/** What advisories that are bad enough ask for. Streams of a module have versions of their own, which cannot be compared by name alone. */
async function fixesIn(
  { context, signal }: GateSubject,
  records: readonly SnapshotRecord[],
  least: Severity,
): Promise<{ fixes: Fix[]; modular: number }> {
  const fixes = new Map<string, Fix>()
  let modular = 0
  for (const record of records)
    for await (const advisory of advisoriesOf(context, record, signal)) {
      if (!isAsBad(advisory, least)) continue
      for (const { module, packages } of advisory.collections)
        if (module !== undefined) modular += packages.length
        else
          for (const one of packages) {
            const fix = fixOf(advisory, one)
            fixes.set(`${fix.id}\0${fix.name}\0${fix.architecture}\0${fix.version}`, fix)
          }
    }
  return { fixes: [...fixes.values()], modular }
}

function fixOf(advisory: Advisory, one: Advisory['collections'][number]['packages'][number]): Fix {
  return {
    id: textOfByteString(advisory.id),
    severity: textOfByteString(advisory.severity),
    issued: advisoryTime(advisory.issued) ?? advisoryTime(advisory.updated),
    name: one.name,
    architecture: one.arch,
    version: formatEvr(one),
  }
}

/** The best version that a release has of each of these, by name and architecture. */
async function versionsOf(
  { trees }: TrainContext,
  records: readonly SnapshotRecord[],
  names: ReadonlySet<ByteString>,
): Promise<Map<string, ByteString>> {
  const best = new Map<string, ByteString>()
  for (const { packages } of records)
    for await (const { name, architecture, version } of keysNamed(trees, packages, names)) {
      const key = `${name}\0${architecture}`
      const known = best.get(key)
      if (known === undefined || compareVersions('rpm', known, version) < 0) best.set(key, version)
    }
  return best
}

/** Passes when every fix of a package that the release has is in it, or is not overdue. */
export function judgeFixes(
  fixes: readonly Fix[],
  have: ReadonlyMap<string, ByteString>,
  { seconds, now }: { seconds: number; now: number },
): Judgement {
  const missing = fixes.filter(({ name, architecture, version }) => {
    const own = have.get(`${name}\0${architecture}`)
    return own !== undefined && compareVersions('rpm', own, version) < 0
  })
  const overdue = missing.filter(({ issued }) => issued === undefined || now - issued > seconds * 1000)
  const ids = (some: readonly Fix[]) => new Set(some.map(({ id }) => id)).size
  const findings = overdue
    .toSorted((a, b) => (a.issued ?? 0) - (b.issued ?? 0) || (a.id < b.id ? -1 : 1))
    .map(({ id, severity, issued, name, architecture, version }) => {
      const own = have.get(`${name}\0${architecture}`)!
      const since = issued === undefined ? 'without a date' : `issued ${timestampOf(issued)}`
      return `${id} (${severity}, ${since}): ${textOfByteString(`${name}.${architecture} ${own}, fixed in ${version}`)}`
    })
  if (overdue.length === 0) {
    const young = ids(missing)
    const summary =
      young === 0
        ? 'no known fix is missing'
        : `advisories whose fixes are missing, none for longer than ${timeText(seconds)}: ${young}`
    return { passed: true, summary, findings }
  }
  return {
    passed: false,
    summary: `advisories whose fixes have been missing for more than ${timeText(seconds)}: ${ids(overdue)}`,
    findings,
    remedy: 'cut a release of the newest snapshots, or bring in just these packages with `switchyard bump`',
  }
}

function nameOf({ repository, timestamp }: SnapshotRecord): string {
  return `${repository}@${timestamp}`
}
