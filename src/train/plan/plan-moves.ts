import type { TrainConfiguration } from '../../config/index.ts'
import type { ChannelRecord, Name, Timestamp } from '../../model/index.ts'
import { type Line, movedTo, promoted } from '../line.ts'
import type { MoveStep, OpenItem } from './plan-item.ts'

/** Where a channel stands while moves are being planned. */
interface Standing extends Line {
  release: Timestamp | undefined
  /** Every release that it has been on. */
  been: Set<Timestamp>
  record: ChannelRecord | undefined
}

/**
 * The moves that bring the channels of a train to the releases in `targets`, in an order in which they are allowed: older
 * releases first, and the channel that another comes after before it. A channel that has to let a release through, because
 * one behind it wants it, does so when it has never been moved, or when the release lies on its own way.
 * @param records of the channels that have been moved.
 * @param bumpedFrom of a bump the release that it changes, the one that that one changes, and so on; of others nothing.
 */
export function planMoves(
  train: TrainConfiguration,
  records: ReadonlyMap<Name, ChannelRecord>,
  targets: ReadonlyMap<Name, Timestamp>,
  bumpedFrom: (release: Timestamp) => readonly Timestamp[],
): (MoveStep | OpenItem)[] {
  const planned: (MoveStep | OpenItem)[] = []
  const standings = new Map([...train.channels.keys()].map(name => [name, standingOf(records.get(name))]))

  function move(channel: Name, to: Timestamp, kind: MoveStep['kind']): void {
    const standing = standings.get(channel)!
    const { release: from, record } = standing
    const line = kind === 'rollback' ? movedTo(standing, to)! : promoted(lineOf(standing), to)
    const last = record?.release === from ? record?.history.at(-1) : undefined
    const isUndone = kind === 'promotion' && last?.kind === 'rollback' && last.from === to
    const gates = train.channels.get(channel)!.gates.map(({ gate }) => gate)
    planned.push({
      kind,
      train: train.name,
      channel,
      ...(from === undefined ? {} : { from }),
      to,
      gates: kind === 'promotion' ? gates : [],
      ...(isUndone ? { undoes: last } : {}),
    })
    standings.set(channel, { ...standing, ...line, release: to, been: new Set([...standing.been, to]) })
  }

  /** As `promote` has it: what was in the channel before, and a bump of what was there or here. */
  function mayFollow(release: Timestamp, here: Set<Timestamp>, before: Set<Timestamp>): boolean {
    const changed = bumpedFrom(release)
    return before.has(release) || changed.some(from => before.has(from) || here.has(from))
  }

  function lies(release: Timestamp, { record }: Standing, target: Timestamp): boolean {
    return record === undefined || (record.release < release && release < target)
  }

  /** False when the channel may not have the release; it stays then. */
  function enter(channel: Name, release: Timestamp): boolean {
    const standing = standings.get(channel)!
    if (standing.release === release) return true
    if (standing.line.slice(0, standing.at).includes(release)) {
      move(channel, release, 'rollback')
      return true
    }
    const { after } = train.channels.get(channel)!
    if (after !== undefined && !mayFollow(release, standing.been, standings.get(after)!.been)) {
      const target = targets.get(after)
      if (target === undefined || !lies(release, standings.get(after)!, target)) return false
      if (!enter(after, release)) return false
    }
    move(channel, release, 'promotion')
    return true
  }

  const order = inOrder(train)
  for (const release of [...new Set(targets.values())].sort())
    for (const channel of order) {
      if (targets.get(channel) !== release || enter(channel, release)) continue
      const { after } = train.channels.get(channel)!
      planned.push({ kind: 'not-before', train: train.name, channel, release, after: after! })
    }
  for (const channel of order) {
    const target = targets.get(channel)
    const { line, at, release } = standings.get(channel)!
    if (target !== undefined && target !== release && line.slice(0, at).includes(target))
      move(channel, target, 'rollback')
  }
  return planned
}

function standingOf(record: ChannelRecord | undefined): Standing {
  if (record === undefined) return { release: undefined, line: [], at: -1, been: new Set(), record }
  const { release, line, at, history } = record
  return { release, line, at, been: new Set(history.map(move => move.release)), record }
}

function lineOf({ line, at }: Standing): Line | undefined {
  return at < 0 ? undefined : { line, at }
}

/** The channels, each behind the one that it comes after. */
function inOrder({ channels }: TrainConfiguration): Name[] {
  const order: Name[] = []
  const add = (name: Name): void => {
    if (order.includes(name)) return
    const { after } = channels.get(name)!
    if (after !== undefined) add(after)
    order.push(name)
  }
  for (const name of channels.keys()) add(name)
  return order
}
