import type { Name, Timestamp } from '../model/index.ts'
import { readChannel } from '../repository/index.ts'
import type { TrainContext } from './context.ts'
import { declaredChannel, declaredTrain } from './declared-train.ts'
import { type KeptEvidence, listKept } from './evidence-files.ts'
import { type JudgeOptions, judgeRelease, type Verdict } from './judge-release.ts'
import { findRelease } from './release-reference.ts'

/** What the gates of one channel say of a release. */
export interface ChannelVerdicts {
  train: Name
  release: Timestamp
  channel: Name
  /** Where the channel stood; undefined: it had never been moved. */
  against?: Timestamp
  /** In the order of the gates. */
  verdicts: Verdict[]
}

/**
 * Has a release judged for every channel of its train, one after the other, or for one. Nothing is moved.
 * @param reference `TRAIN`, `TRAIN@latest` or `TRAIN@T`.
 * @throws YardError `not-found`; `cancelled`; as `judgeRelease`.
 */
export async function gateRelease(
  context: TrainContext,
  reference: string,
  options: JudgeOptions & { channel?: Name | undefined } = {},
): Promise<ChannelVerdicts[]> {
  const release = await findRelease(context, reference)
  const train = declaredTrain(context, release.train)
  const channels =
    options.channel === undefined
      ? [...train.channels.values()]
      : [declaredChannel(context, { train: train.name, channel: options.channel }).channel]
  const all: ChannelVerdicts[] = []
  for (const channel of channels) {
    const current = await readChannel(context.refs, train.name, channel.name)
    all.push({
      train: train.name,
      release: release.timestamp,
      channel: channel.name,
      ...(current === undefined ? {} : { against: current.release }),
      verdicts: await judgeRelease(context, { train, channel, release, current }, options),
    })
  }
  return all
}

/** The evidence that is kept on a release, by channel, or of one channel. @throws YardError `not-found`. */
export async function evidenceOn(
  context: TrainContext,
  reference: string,
  channel?: Name,
): Promise<KeptEvidence[]> {
  const release = await findRelease(context, reference)
  const channels = channel === undefined ? Object.keys(release.policy) : [channel]
  return (await Promise.all(channels.map(name => listKept(context, release, name as Name)))).flat()
}
