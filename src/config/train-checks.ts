import { type Problem, quoted } from './problem.ts'
import type { Repositories } from './repositories.ts'
import type { TrainFields, TrainsFields } from './trains-schema.ts'

/** What lies beside the repositories below `/channels/TRAIN/CHANNEL/`. */
const reserved = 'setup'

/** What can be wrong between trains and repositories: dangling names, one name twice, circles of channels. */
export function trainProblems(trains: TrainsFields, repositories: Repositories): Problem[] {
  return [...trains].flatMap(([name, { value, place }]) => [
    ...(repositories.has(name)
      ? [{ place, found: `${quoted(name)}, which is a repository too`, expected: 'a name of its own' }]
      : []),
    ...(value === undefined ? [] : [...dangling(value, repositories), ...channelProblems(value)]),
  ])
}

function dangling(train: TrainFields, repositories: Repositories): Problem[] {
  const valid = [...repositories.keys()]
  return train.repositories.flatMap(({ value, place }): Problem[] => {
    if (value === reserved)
      return [
        { place, found: quoted(value), expected: 'another name: channels keep their setup files there' },
      ]
    if (repositories.has(value)) return []
    const found = `${quoted(value)}, which is no repository of this file`
    return [{ place, found, expected: 'the name of one', misnamed: { name: value, valid } }]
  })
}

function channelProblems(train: TrainFields): Problem[] {
  const valid = [...train.channels.keys()]
  return [...train.channels].flatMap(([name, { value }]): Problem[] => {
    const after = value?.after
    if (after === undefined) return []
    const { place } = after
    if (!train.channels.has(after.value))
      return [
        {
          place,
          found: `${quoted(after.value)}, which is no channel of this train`,
          expected: 'the name of one',
          misnamed: { name: after.value, valid },
        },
      ]
    if (!comesAfterItself(train, name)) return []
    return [{ place, found: 'a circle of channels', expected: 'a channel that does not come after this one' }]
  })
}

function comesAfterItself(train: TrainFields, start: string): boolean {
  const seen = new Set<string>()
  for (let at = train.channels.get(start)?.value?.after?.value; at !== undefined; ) {
    if (at === start) return true
    if (seen.has(at)) return false
    seen.add(at)
    at = train.channels.get(at)?.value?.after?.value
  }
  return false
}
