import { type ChannelConfiguration, nearestName, type TrainConfiguration } from '../config/index.ts'
import { type ChannelReference, type Name, YardError } from '../model/index.ts'
import type { TrainContext } from './context.ts'

/** @throws YardError `not-found` when switchyard.yaml declares no such train. */
export function declaredTrain(context: TrainContext, name: Name): TrainConfiguration {
  const { trains, file } = context.configuration
  const train = trains.get(name)
  if (train !== undefined) return train
  throw new YardError('not-found', `there is no train ${name} in ${file}`, { hint: hintFor(name, trains) })
}

/** @throws YardError `not-found` when switchyard.yaml declares no such train, or the train no such channel. */
export function declaredChannel(
  context: TrainContext,
  { train: trainName, channel: name }: ChannelReference,
): { train: TrainConfiguration; channel: ChannelConfiguration } {
  const train = declaredTrain(context, trainName)
  const channel = train.channels.get(name)
  if (channel !== undefined) return { train, channel }
  throw new YardError('not-found', `the train ${trainName} has no channel ${name} (${train.position})`, {
    hint: hintFor(name, train.channels),
  })
}

function hintFor(name: string, known: Map<string, unknown>): string {
  const names = [...known.keys()]
  if (names.length === 0) return 'declare one under `trains:` in switchyard.yaml'
  const nearest = nearestName(name, names)
  return nearest === undefined ? `there are: ${names.join(', ')}` : `did you mean ${nearest}?`
}
