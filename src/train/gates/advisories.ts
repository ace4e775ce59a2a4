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
  nevraOf,
  streamsOf,
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
  /** The module and stream that it belongs to, `nodejs:20`; empty for most packages. */
  module: ByteString
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
    const fixes = await fixesIn(subject, newest, options.severity)
    const have = await versionsOf(subject, rpm, new Set(fixes.map(({ name }) => name)))
    const judged = judgeFixes(fixes, have, { seconds: options.within, now: subject.context.now() })
    return { ...judged, inputs: { newest: newest.map(nameOf), fixes: fixes.length } }
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

/** What advisories that are bad enough ask for, each once. */
async function fixesIn(
  { context, signal }: GateSubject,
  records: readonly SnapshotRecord[],
  least: Severity,
): Promise<Fix[]> {
  const fixes = new Map<string, Fix>()
  for (const record of records)
    for await (const advisory of advisoriesOf(context, record, signal)) {
      if (!isAsBad(advisory, least)) continue
      for (const { module, packages } of advisory.collections)
        for (const one of packages) {
          const fix = fixOf(advisory, module === undefined ? '' : `${module.name}:${module.stream}`, one)
          fixes.set(`${fix.id}\0${keyOf(fix)}\0${fix.version}`, fix)
        }
    }
  return [...fixes.values()]
}

function fixOf(
  advisory: Advisory,
  module: ByteString,
  one: Advisory['collections'][number]['packages'][number],
): Fix {
  return {
    id: textOfByteString(advisory.id),
    severity: textOfByteString(advisory.severity),
    issued: advisoryTime(advisory.issued) ?? advisoryTime(advisory.updated),
    name: one.name,
    architecture: one.arch,
    version: formatEvr(one),
    module,
  }
}

/** The best version that a release has of each of these: for every stream of a module its own. */
async function versionsOf(
  { context, signal }: GateSubject,
  records: readonly SnapshotRecord[],
  names: ReadonlySet<ByteString>,
): Promise<Map<string, ByteString>> {
  const best = new Map<string, ByteString>()
  for (const record of records) {
    const modules = await modulesByPackage(context, record, signal)
    for await (const one of keysNamed(context.trees, record.packages, names)) {
      for (const module of modules.get(nevraOf(one)) ?? ['']) {
        const key = keyOf({ ...one, module })
        const known = best.get(key)
        if (known === undefined || compareVersions('rpm', known, one.version) < 0) best.set(key, one.version)
      }
    }
  }
  return best
}

/** By `name-epoch:version-release.arch`: the streams that a package of a snapshot belongs to. */
async function modulesByPackage(
  context: TrainContext,
  record: SnapshotRecord,
  signal: AbortSignal,
): Promise<Map<ByteString, Set<ByteString>>> {
  const modules = new Map<ByteString, Set<ByteString>>()
  for (const { name, stream, artifacts } of await streamsOf(context, record, signal))
    for (const artifact of artifacts)
      modules.set(artifact, (modules.get(artifact) ?? new Set()).add(`${name}:${stream}`))
  return modules
}

/** What is compared with what: a package for an architecture, as one stream of a module has it or as none does. */
export function keyOf({ module, name, architecture }: Pick<Fix, 'module' | 'name' | 'architecture'>): string {
  return `${module}\0${name}\0${architecture}`
}

/** Passes when every fix of a package that the release has is in it, or is not overdue. */
export function judgeFixes(
  fixes: readonly Fix[],
  have: ReadonlyMap<string, ByteString>,
  { seconds, now }: { seconds: number; now: number },
): Judgement {
  const missing = fixes.filter(fix => {
    const own = have.get(keyOf(fix))
    return own !== undefined && compareVersions('rpm', own, fix.version) < 0
  })
  const overdue = missing.filter(({ issued }) => issued === undefined || now - issued > seconds * 1000)
  const ids = (some: readonly Fix[]) => new Set(some.map(({ id }) => id)).size
  const findings = overdue
    .toSorted((a, b) => (a.issued ?? 0) - (b.issued ?? 0) || (a.id < b.id ? -1 : 1))
    .map(fix => {
      const { id, severity, issued, name, architecture, version, module } = fix
      const own = `${have.get(keyOf(fix))!}${module === '' ? '' : ` of ${module}`}`
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
