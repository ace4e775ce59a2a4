import type { Name } from '../model/index.ts'
import type { Configuration } from './configuration.ts'
import { lockProblems } from './lock-checks.ts'
import type { LockedState } from './lock-file.ts'
import { channelName, datedName, type LockFields, lockShape } from './lock-schema.ts'
import { readYaml, top } from './yaml-document.ts'

/**
 * Reads `switchyard.lock.yaml` (YAML 1.2) beside a configuration. `file` is its absolute path, for messages.
 * @throws YardError `configuration` with every mistake of the file, a name that leads nowhere included, each with its
 *   line and column, what was found, what was expected and the nearest valid name.
 */
export function readLockFile(file: string, text: string, configuration: Configuration): LockedState {
  const { value } = readYaml(file, text, (contents, reading) => {
    const fields = lockShape.read(contents, top, reading)
    if (fields === undefined) return undefined
    for (const problem of lockProblems(fields, configuration)) reading.report(problem)
    return fields
  })
  return lockedState(value)
}

function lockedState({ channels, releases, snapshots }: LockFields): LockedState {
  return {
    channels: new Map(
      [...channels].map(([key, { value }]) => [
        key,
        { ...channelName(key)!, release: value!.value.timestamp },
      ]),
    ),
    releases: new Map(
      [...releases].map(([key, { value }]) => {
        const { repository: train, timestamp } = datedName(key)!
        const named = [...value!.snapshots].map(([name, { value }]) => [name as Name, value!.value] as const)
        const { why, 'bump-of': changed } = value!
        return [
          key,
          {
            train,
            timestamp,
            snapshots: new Map(named),
            ...(changed === undefined ? {} : { bumpOf: changed.value.timestamp }),
            ...(why === undefined ? {} : { why }),
          },
        ]
      }),
    ),
    snapshots: new Map([...snapshots].map(([key, { value }]) => [key, { ...datedName(key)!, ...value! }])),
  }
}
