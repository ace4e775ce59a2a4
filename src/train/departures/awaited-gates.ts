import type { ChannelConfiguration } from '../../config/index.ts'
import { type ReleaseRecord, YardError } from '../../model/index.ts'
import type { TrainContext } from '../context.ts'
import { parseLabel } from '../evidence-files.ts'
import { approvals } from '../gates/approvals.ts'
import type { Verdict } from '../judge-release.ts'
import { nameOfKey, type PeoplesChannel, readPeoplesChannel } from './peoples-channel.ts'

/**
 * The verdicts that a promotion waits for now. Where people sign for a channel, their signatures are the approvals: they come after
 * everything else, and without them the statement is never published.
 * @throws YardError `refused` when so many people as the gate asks for need not sign.
 */
export async function withoutAwaited(
  context: TrainContext,
  { release, channel }: { release: ReleaseRecord; channel: ChannelConfiguration },
  verdicts: Verdict[],
  overrides: readonly string[],
): Promise<Verdict[]> {
  const isAwaited = ({ label, evidence }: Verdict) =>
    !evidence.passed && parseLabel(label).gate === approvals.name && !overrides.includes(label)
  const awaited = verdicts.filter(isAwaited)
  if (awaited.length === 0) return verdicts
  const reference = { train: release.train, channel: channel.name }
  const people = await readPeoplesChannel(context, reference)
  if (people === undefined) return verdicts
  for (const { evidence } of awaited)
    checkEnough(people, {
      wanted: evidence.options as number,
      cutter: release.who,
      name: `${reference.train}/${reference.channel}`,
    })
  return verdicts.filter(verdict => !isAwaited(verdict))
}

/** @throws YardError `refused` when the statement can be published with fewer people, beside whoever cut the release. */
export function checkEnough(
  { keys, threshold }: PeoplesChannel,
  { wanted, cutter, name }: { wanted: number; cutter: string; name: string },
): void {
  const names = new Set(keys.map(nameOfKey))
  const keysOf = (name: string) => keys.filter(key => nameOfKey(key) === name).length
  const ownKeys = keysOf(cutter)
  names.delete(cutter)
  // Whoever has several keys signs as often, and is one person.
  const most = [...names].map(keysOf).sort((a, b) => b - a)
  let [others, left] = [0, threshold - ownKeys]
  for (; left > 0 && others < most.length; others++) left -= most[others]!
  if (others >= wanted) return
  const own =
    ownKeys === 0 ? '' : `, of which ${Math.min(ownKeys, threshold)} may be of ${cutter}, who cut it`
  throw new YardError(
    'refused',
    `the gate approvals of ${name} asks for ${wanted} people, but ${threshold} ${threshold === 1 ? 'signature is' : 'signatures are'} enough for its statement${own}; nothing was moved`,
    { hint: 'let more keys sign for the channel: `switchyard trust harden`; or let the gate ask for fewer' },
  )
}
