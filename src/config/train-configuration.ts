import type { Name } from '../model/index.ts'
import type { ChannelConfiguration, TrainConfiguration } from './configuration.ts'
import type { TrainFields } from './trains-schema.ts'

/** One train of a file without mistakes. `keep`: what `latest` says of replaced snapshots; `position`: `file:line` of its key. */
export function trainConfiguration(
  name: Name,
  fields: TrainFields,
  keep: { keepSeconds: number; keepAtLeast: number },
  position: string,
): TrainConfiguration {
  const channels = [...fields.channels].map(([channel, { value }]): [Name, ChannelConfiguration] => [
    channel as Name,
    {
      name: channel as Name,
      after: value!.after?.value,
      gates: value!.gates.map(gate => gate.value),
      seal: value!.seal,
      keepSeconds: value!.keep ?? keep.keepSeconds,
      keepAtLeast: value!['keep-at-least'] ?? keep.keepAtLeast,
    },
  ])
  return {
    name,
    position,
    repositories: fields.repositories.map(repository => repository.value),
    channels: new Map(channels),
    complete: fields.complete,
  }
}
