import { integer } from '../../config/index.ts'
import type { ApprovalRecord, Name } from '../../model/index.ts'
import { approvalsOf } from '../approve.ts'
import { peoplesChannel, stagedSignatures } from '../departures/peoples-channel.ts'
import type { Gate, Judgement } from './gate.ts'

export const approvals: Gate<number> = {
  name: 'approvals',
  help: 'How many people, beside whoever cut the release, must have approved of it: by `switchyard approve`, or where a channel has keys of its own by signing its statement.',
  options: integer(1, 100),
  bare: undefined,
  async judge({ context, train, channel, release }, wanted) {
    const name = `${release.train}@${release.timestamp}`
    const reference = { train: train.name, channel: channel.name }
    const state = await context.statements.state()
    if (peoplesChannel(state, reference) !== undefined) {
      const signers = stagedSignatures(state, reference, release.timestamp)
      return judgeSignatures(signers, { wanted, cutter: release.who, release: name })
    }
    const all = await approvalsOf(context, release)
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
  const findings = here.map(
    ({ who, at, why }) =>
      `${who} at ${at}${why === undefined ? '' : `: ${why}`}${who === cutter ? ' (cut it, and does not count)' : ''}`,
  )
  const people = here.map(({ who }) => who)
  return judgePeople(people, { wanted, cutter, findings, remedy: `run \`switchyard approve ${release}\`` })
}

/** Passes when enough people, none of them the cutter, have signed that the channel goes there. */
export function judgeSignatures(
  signers: readonly string[],
  { wanted, cutter, release }: { wanted: number; cutter: string; release: string },
): Judgement {
  const findings = signers.map(
    who => `${who} has signed${who === cutter ? ' (cut it, and does not count)' : ''}`,
  )
  const remedy = `sign that the channel goes to ${release}: \`switchyard trust staged\` shows what waits once it is promoted`
  return judgePeople(signers, { wanted, cutter, findings, remedy })
}

function judgePeople(
  all: readonly string[],
  {
    wanted,
    cutter,
    findings,
    remedy,
  }: { wanted: number; cutter: string; findings: string[]; remedy: string },
): Judgement {
  const people = new Set(all)
  const own = people.delete(cutter)
  const approved = `${people.size} of ${wanted} ${wanted === 1 ? 'person has' : 'people have'} approved of it`
  const inputs = { people: [...people].sort() }
  if (people.size >= wanted) return { passed: true, summary: approved, findings, inputs }
  return {
    passed: false,
    summary: `${approved}${own ? `; ${cutter}, who cut it, does not count` : ''}`,
    findings,
    remedy: `${wanted - people.size} more must ${remedy}`,
    inputs,
  }
}
