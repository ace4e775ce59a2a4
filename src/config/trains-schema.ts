import { dictionary } from './dictionary.ts'
import { type GateShapes, gateList } from './gates-schema.ts'
import { defaulting, object, optional, required } from './object.ts'
import { boolean, choice, integer, list, located, type Shape } from './shape.ts'
import { duration, name } from './values.ts'

/** What stands under `trains`. */
export function trains(gates: GateShapes) {
  const channel = object('a map that describes a channel', {
    after: optional(located(name), 'The channel that a release must be in before. Default: none.'),
    gates: defaulting(gateList(gates), [], 'What a release must pass to enter. Default: none.'),
    seal: defaulting(
      boolean,
      true,
      "Release files get a fresh date and our signature; `false` keeps upstream's, and no apt follows a rollback. Default: true.",
    ),
    keep: optional(duration, 'How long replaced releases are still answered. Default: as `latest`.'),
    'keep-at-least': optional(integer(0, 1000), 'How many of them at least. Default: as `latest`.'),
  })
  const train = object('a map that describes a train', {
    repositories: required(
      list('a list of repositories', name, { least: 1, most: 1000 }),
      'What travels together: repositories of this file.',
    ),
    channels: required(
      dictionary('a map of channels', 100, name, channel),
      'Where its releases go, in order.',
    ),
    complete: defaulting(
      choice('local', 'fetchable'),
      'local',
      'Of which snapshots a release is cut: `local`: every file is here; `fetchable`: none is lost. Default: local.',
    ),
  })
  return dictionary('a map of trains', 1000, name, train)
}

type Of<S> = S extends Shape<infer T> ? T : never
export type TrainsFields = Of<ReturnType<typeof trains>>
export type TrainFields = NonNullable<TrainsFields extends Map<string, { value: infer T }> ? T : never>
