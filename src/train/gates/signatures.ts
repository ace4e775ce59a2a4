import { choice, list, mapped } from '../../config/index.ts'
import { type Name, type SnapshotRecord, type TrustAnchor, trustOf } from '../../model/index.ts'
import { readSnapshot } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { countText } from './count-text.ts'
import type { Gate, Judgement } from './gate.ts'

type Anchor = TrustAnchor['kind']

/** What vouches for one snapshot that a release is made of; `undefined`: it was removed, and cannot be asked any more. */
export interface Vouched {
  /** The repository of the train that it belongs to. */
  repository: Name
  snapshot: string
  anchors: Anchor[] | undefined
}

const usual: Anchor[] = ['keys', 'packages', 'metalink']

export const signatures: Gate<Anchor[]> = {
  name: 'signatures',
  help: 'What may vouch for what the release is made of, down to the upstreams: `keys`, `packages`, `metalink`, or even `trusted`. Alone: any but `trusted`.',
  options: mapped(
    list('a list of what may vouch', choice('keys', 'packages', 'metalink', 'trusted'), { least: 1 }),
    items => items.map(({ value }) => value),
  ),
  bare: usual,
  async judge({ context, snapshots }, accepted) {
    const vouched: Vouched[] = []
    for (const [repository, record] of snapshots)
      vouched.push(...(await originsOf(context, repository, record)))
    return judgeSignatures(vouched, accepted)
  },
  // A snapshot's record never changes, but an input of it may be removed.
  countsForSeconds: () => 0,
}

/** A mirrored snapshot itself; of a composed one the snapshots that it was made from, down to the mirrors and uploads. */
async function originsOf(
  context: TrainContext,
  repository: Name,
  record: SnapshotRecord,
  seen = new Set<string>(),
): Promise<Vouched[]> {
  const origins: Vouched[] = []
  for (const input of record.inputs ?? []) {
    const snapshot = `${input.repository}@${input.timestamp}`
    if (seen.has(snapshot)) continue
    seen.add(snapshot)
    const found = await readSnapshot(context.refs, input.repository, input.timestamp)
    if (found === undefined) origins.push({ repository, snapshot, anchors: undefined })
    else origins.push(...(await originsOf(context, repository, found, seen)))
  }
  // What we wrote is vouched for by our keys, which says nothing of what it was made from.
  const snapshot = `${record.repository}@${record.timestamp}`
  return [{ repository, snapshot, anchors: trustOf(record).map(({ kind }) => kind) }, ...origins]
}

/** Passes when every anchor of every snapshot is an accepted one. */
export function judgeSignatures(vouched: readonly Vouched[], accepted: readonly Anchor[]): Judgement {
  const findings = vouched.flatMap(({ repository, snapshot, anchors }) => {
    const of = snapshot.startsWith(`${repository}@`)
      ? snapshot
      : `${snapshot}, of which ${repository} is made,`
    if (anchors === undefined) return [`${of} was removed: what vouched for it cannot be told`]
    const others = [...new Set(anchors)].filter(kind => !accepted.includes(kind))
    return others.map(kind => `${of} ${words[kind]}`)
  })
  const inputs = {
    accepted: [...accepted].sort(),
    anchors: Object.fromEntries(
      vouched.map(({ snapshot, anchors }) => [
        snapshot,
        anchors === undefined ? null : [...new Set(anchors)],
      ]),
    ),
  }
  if (findings.length === 0) {
    const summary = `all that it is made of is vouched for (${countText(vouched.length, 'snapshot')})`
    return { passed: true, summary, findings, inputs }
  }
  return {
    passed: false,
    summary: `not all that it is made of is vouched for by ${accepted.join(', ')}`,
    findings,
    remedy: 'name a `keyring` (or `verify`) for the upstream, sync, and cut a new release',
    inputs,
  }
}

const words: Record<Anchor, string> = {
  keys: 'is vouched for by named keys',
  packages: 'is vouched for by the signatures of its packages alone',
  metalink: 'is vouched for by a metalink alone',
  trusted: 'is vouched for by nobody (`trusted: true`)',
}
