import type { Configuration } from './configuration.ts'
import { channelName, datedName, type LockFields } from './lock-schema.ts'
import { type Problem, quoted } from './problem.ts'

/** What can be wrong between the lock file's tables, and between it and switchyard.yaml: dangling names. */
export function lockProblems(fields: LockFields, configuration: Configuration): Problem[] {
  return [...channelProblems(fields, configuration), ...releaseProblems(fields)]
}

function channelProblems({ channels, releases }: LockFields, { trains, file }: Configuration): Problem[] {
  const valid = [...trains].flatMap(([train, { channels }]) =>
    [...channels.keys()].map(channel => `${train}/${channel}`),
  )
  return [...channels].flatMap(([key, { value, place }]): Problem[] => {
    const named = channelName(key)
    if (named === undefined) return []
    const problems: Problem[] = []
    if (!valid.includes(key))
      problems.push({
        place,
        found: `${quoted(key)}, which ${file} does not declare`,
        expected: 'a channel that it does',
        misnamed: { name: key, valid },
      })
    if (value === undefined) return problems
    const { repository: train, timestamp } = value.value
    const release = `${train}@${timestamp}`
    if (train !== named.train)
      problems.push({ place: value.place, found: quoted(release), expected: `a release of ${named.train}` })
    else if (!releases.has(release))
      problems.push({
        place: value.place,
        found: `${quoted(release)}, which is not under \`releases\``,
        expected: 'one that is',
        misnamed: { name: release, valid: [...releases.keys()] },
      })
    return problems
  })
}

/** Of a release's snapshots: those that nobody describes, and those of another repository. */
function releaseProblems({ releases, snapshots }: LockFields): Problem[] {
  return [...releases].flatMap(([key, { value: release }]): Problem[] => {
    const train = datedName(key)?.repository
    const changed = release?.['bump-of']
    const found = changed && quoted(`${changed.value.repository}@${changed.value.timestamp}`)
    const otherTrain: Problem[] =
      changed === undefined || changed.value.repository === train
        ? []
        : [{ place: changed.place, found: found!, expected: `a release of ${train}` }]
    const named = [...(release?.snapshots ?? [])].flatMap(([repository, { value }]): Problem[] => {
      if (value === undefined || train === undefined) return []
      const { value: name, place } = value
      const snapshot = `${name.repository}@${name.timestamp}`
      if (name.repository !== repository && name.repository !== `${train}.${repository}`)
        return [{ place, found: quoted(snapshot), expected: `a snapshot of ${repository}` }]
      if (snapshots.has(snapshot)) return []
      const valid = [...snapshots.keys()]
      const found = `${quoted(snapshot)}, which is not under \`snapshots\``
      return [{ place, found, expected: 'one that is', misnamed: { name: snapshot, valid } }]
    })
    return [...otherTrain, ...named]
  })
}
