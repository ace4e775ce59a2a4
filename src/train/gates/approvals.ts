import { integer } from '../../config/index.ts'
import type { ApprovalRecord, Name } from '../../model/index.ts'
import { approvalsOf } from '../approve.ts'
import type { Gate, Judgement } from './gate.ts'

export const approvals: Gate<number> = {
  name: 'approvals',
  help: 'How many people, beside whoever cut the release, must have approved of it (`switchyard approve`).',
  options: integer(1, 100),
  bare: undefined,
  async judge({ context, channel, release }, wanted) {
    const all = await approvalsOf(context, release)
    const name = `${release.train}@${release.timestamp}`
    return judgeApprovals(all, { wanted, channel: channel.name, cutter: release.who, release: name })
  },
  countsForSeconds: () => 0,
}

/** Passes when enough different people, none of them the cutter, approved of it for this channel or for all. */
export function judgeApprovals(
  all: readonly Pick<ApprovalRecord, 'who' | 'channel' | 'why' | 'at'>[],
  { wanted, channel, cutter, release }: { wanted: number; channel: Name; cutter: string; release: string },
): Judgement {
  const here = all.filter(one => one.channel === undefined || one.channel === channel)
  const people = new Set(here.map(({ who }) => who))
  const own = people.delete(cutter)
  const findings = here.map(
    ({ who, at, why }) =>
      `${who} at ${at}${why === undefined ? '' : `: ${why}`}${who === cutter ? ' (cut it, and does not count)' : ''}`,
  )
  const approved = `${people.size} of ${wanted} ${wanted === 1 ? 'person has' : 'people have'} approved of it`
  const inputs = { people: [...people].sort() }
  if (people.size >= wanted) return { passed: true, summary: approved, findings, inputs }
  return {
    passed: false,
    summary: `${approved}${own ? `; ${cutter}, who cut it, does not count` : ''}`,
    findings,
    remedy: `${wanted - people.size} more must run \`switchyard approve ${release}\``,
    inputs,
  }
}
