import { type Amount, amount, object, optional } from '../../config/index.ts'
import type { Name, SnapshotRecord } from '../../model/index.ts'
import { changedKeys } from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import { countText } from './count-text.ts'
import type { Gate, Judgement } from './gate.ts'
import { nothingBefore } from './no-downgrade.ts'

export interface MaxChange {
  packages: Amount | undefined
  removed: Amount | undefined
}

/** How much of one repository changes, in packages as its indexes list them. */
export interface Change {
  repository: Name
  /** Before. */
  listed: number
  changed: number
  /** Of these: gone, with no other version in its place. */
  removed: number
}

export const maxChange: Gate<MaxChange> = {
  name: 'max-change',
  help: 'How many packages, or how many of a hundred, may change or go away, together over the repositories that the channel has.',
  options: object(
    'a map with `packages` or `removed`',
    {
      packages: optional(
        amount,
        'Packages that come, go or change their version: `500`, or `5%` of those that there are.',
      ),
      removed: optional(amount, 'Packages that go away.'),
    },
    ({ packages, removed }, place, reading) => {
      if (packages === undefined && removed === undefined)
        reading.report({ place, found: 'neither', expected: 'at least one of `packages` and `removed`' })
    },
  ),
  bare: undefined,
  async judge({ context, snapshots, current }, options) {
    if (current === undefined) return nothingBefore
    const changes: Change[] = []
    const joined: Name[] = []
    for (const [repository, record] of snapshots) {
      const before = current.snapshots.get(repository)
      if (before === undefined) joined.push(repository)
      else changes.push({ repository, ...(await changeOf(context, before, record)) })
    }
    return judgeChange(changes, joined, options)
  },
}

async function changeOf(
  { trees }: TrainContext,
  before: SnapshotRecord,
  after: SnapshotRecord,
): Promise<Omit<Change, 'repository'>> {
  const counts = new Map<string, { came: number; went: number }>()
  for await (const key of changedKeys(trees, before.packages, after.packages)) {
    const place = [key.family, key.suite, key.component, key.architecture, key.name].join('\0')
    const count = counts.get(place) ?? { came: 0, went: 0 }
    counts.set(place, count)
    count[key.change]++
  }
  let changed = 0
  let removed = 0
  for (const { came, went } of counts.values()) {
    changed += Math.max(came, went)
    removed += Math.max(0, went - came)
  }
  return { listed: before.packageCount, changed, removed }
}

/** Passes when neither is more than it may be; repositories that have joined the train are told of, and not counted. */
export function judgeChange(
  changes: readonly Change[],
  joined: readonly Name[],
  { packages, removed }: MaxChange,
): Judgement {
  const sum = (field: 'listed' | 'changed' | 'removed') =>
    changes.reduce((total, change) => total + change[field], 0)
  const listed = sum('listed')
  const kinds = [
    { what: 'changed', count: sum('changed'), most: mostOf(packages, listed) },
    { what: 'gone', count: sum('removed'), most: mostOf(removed, listed) },
  ]
  const over = kinds.filter(({ count, most }) => most !== undefined && count > most)
  const summary = kinds.map(({ what, count }) => `${count} ${what}`).join(', ')
  const findings = [
    ...changes
      .filter(({ changed }) => changed > 0)
      .map(one => `${one.repository}: ${one.changed} of ${one.listed} changed, ${one.removed} gone`),
    ...joined.map(repository => `${repository} travels for the first time, and is not counted`),
  ]
  const inputs = { listed, changed: sum('changed'), removed: sum('removed') }
  if (over.length === 0)
    return { passed: true, summary: `of ${countText(listed, 'package')} ${summary}`, findings, inputs }
  const bounds = over.map(({ what, count, most }) => `${count} ${what}, at most ${most} may be`)
  return {
    passed: false,
    summary: `of ${countText(listed, 'package')} ${bounds.join('; ')}`,
    findings,
    remedy: 'look at `switchyard diff`; what is meant to change so much passes by --override',
    inputs,
  }
}

function mostOf(amount: Amount | undefined, listed: number): number | undefined {
  if (amount === undefined) return undefined
  return amount.unit === 'packages' ? amount.value : Math.floor((listed * amount.value) / 100)
}
