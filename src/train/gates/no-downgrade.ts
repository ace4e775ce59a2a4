import { choice, defaulting, object } from '../../config/index.ts'
import { type ByteString, type Name, type SnapshotRecord, textOfByteString } from '../../model/index.ts'
import { changedKeys, compareVersions, keysNamed } from '../../repository/index.ts'
import { emptyTree } from '../../tree/index.ts'
import type { TrainContext } from '../context.ts'
import { countText } from './count-text.ts'
import type { Gate, Judgement } from './gate.ts'

export interface NoDowngrade {
  vanish: 'allow' | 'refuse'
}

/** What of a package decides. */
export interface Listed {
  family: ByteString
  name: ByteString
  architecture: ByteString
  version: ByteString
}

export const noDowngrade: Gate<NoDowngrade> = {
  name: 'no-downgrade',
  help: 'No package goes below the version that the channel has now.',
  options: object('a map with `vanish`', {
    vanish: defaulting(choice('allow', 'refuse'), 'allow', 'Whether packages may go away. Default: allow.'),
  }),
  bare: { vanish: 'allow' },
  async judge({ context, snapshots, current }, options) {
    if (current === undefined) return nothingBefore
    const names = await touchedNames(context, current.snapshots, snapshots)
    const before = await listedUnder(context, current.snapshots, names)
    const after = await listedUnder(context, snapshots, names)
    const judged = judgeVersions(before, after, options)
    return { ...judged, inputs: { current: current.release.timestamp, changed: names.size } }
  },
}

/** What a gate says that compares with what a channel has, of one that has nothing. */
export const nothingBefore: Judgement = {
  passed: true,
  summary: 'the channel had nothing before, with which to compare it',
  findings: [],
}

/** The names of packages that came or went in any repository of the train, or with one. */
async function touchedNames(
  { trees }: TrainContext,
  before: ReadonlyMap<Name, SnapshotRecord>,
  after: ReadonlyMap<Name, SnapshotRecord>,
): Promise<Set<ByteString>> {
  const names = new Set<ByteString>()
  const nothing = emptyTree('packages').digest
  for (const [repository, { packages }] of before)
    for await (const { name } of changedKeys(trees, packages, after.get(repository)?.packages ?? nothing))
      names.add(name)
  return names
}

/** All packages of these names, in every repository of a release: what leaves one may stand in another. */
async function listedUnder(
  { trees }: TrainContext,
  snapshots: ReadonlyMap<Name, SnapshotRecord>,
  names: ReadonlySet<ByteString>,
): Promise<Listed[]> {
  const listed: Listed[] = []
  for (const { packages } of snapshots.values())
    for await (const { family, name, architecture, version } of keysNamed(trees, packages, names))
      listed.push({ family, name, architecture, version })
  return listed
}

/**
 * Compares the best version of each package on each architecture. A package that becomes neutral (`all`, `noarch`), or was
 * and becomes one of an architecture, is the same package to a host.
 */
export function judgeVersions(
  before: readonly Listed[],
  after: readonly Listed[],
  { vanish }: NoDowngrade,
): Judgement {
  const now = Map.groupBy(after, nameOf)
  const findings: string[] = []
  let downgraded = 0
  let vanished = 0
  for (const one of bestOf(before)) {
    const candidates = (now.get(nameOf(one)) ?? []).filter(other => replaces(other, one))
    const best = bestOf(candidates.map(other => ({ ...other, architecture: one.architecture })))[0]
    const shown = textOfByteString(`${one.name} (${one.architecture})`)
    if (best === undefined) {
      vanished++
      if (vanish === 'refuse') findings.push(`${shown} ${textOfByteString(one.version)} goes away`)
    } else if (compareVersions(one.family, best.version, one.version) < 0) {
      downgraded++
      findings.push(
        `${shown} goes from ${textOfByteString(one.version)} down to ${textOfByteString(best.version)}`,
      )
    }
  }
  const gone = vanished === 0 ? '' : `, and ${vanished} would go away`
  if (findings.length === 0) return { passed: true, summary: `no package goes down${gone}`, findings }
  return {
    passed: false,
    summary: `${countText(downgraded, 'package')} would go down${gone}`,
    findings,
    remedy: 'hold the packages at the version that the channel has, or find out why upstream went back',
  }
}

function nameOf({ family, name }: Listed): string {
  return `${family}\0${name}`
}

const neutral = new Set(['all', 'noarch'])

function replaces(other: Listed, one: Listed): boolean {
  return (
    other.architecture === one.architecture ||
    neutral.has(other.architecture) ||
    neutral.has(one.architecture)
  )
}

/** The best version of each package on each architecture, by name. */
function bestOf(listed: readonly Listed[]): Listed[] {
  const best = new Map<string, Listed>()
  for (const one of listed) {
    const key = `${nameOf(one)}\0${one.architecture}`
    const known = best.get(key)
    if (known === undefined || compareVersions(one.family, known.version, one.version) < 0) best.set(key, one)
  }
  return [...best.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}
