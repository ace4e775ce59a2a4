import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Configuration, type LockedState, readConfiguration, readLockFile } from '../config/index.ts'
import { YardError } from '../model/index.ts'
import { apply, gates, type PlanItem, plan, readPlanState, type TrainContext } from '../train/index.ts'
import { lockFileName } from './lock-file.ts'
import { configurationName } from './open-yard.ts'
import type { Yard } from './yard.ts'

/** The two files of a change that is under review, as whoever asks has them. */
export interface ProposedFiles {
  /** What the asker calls their directory, for messages. */
  directory: string
  configuration: string
  /** Null: there is none. */
  lock: string | null
}

/** @param readLock the yard's own lock file. */
export function createPlanner(
  context: TrainContext,
  readLock: () => Promise<LockedState | undefined>,
): Pick<Yard, 'plan' | 'apply'> {
  return {
    async plan(options): Promise<PlanItem[]> {
      const files = options?.files
      if (files === undefined) return plan(await readPlanState(context, await readLock()))
      const configuration = readConfiguration(
        join(files.directory, configurationName),
        files.configuration,
        gates,
      )
      return plan(await readPlanState({ ...context, configuration }, lockOf(files, configuration)))
    },
    async apply(options) {
      const { files, ...rest } = options ?? {}
      if (files === undefined) return apply(context, await readLock(), rest)
      const configuration = await sameConfiguration(context.configuration, files)
      return apply({ ...context, configuration }, lockOf(files, configuration), rest)
    },
  }
}

function lockOf({ directory, lock }: ProposedFiles, configuration: Configuration): LockedState | undefined {
  return lock === null ? undefined : readLockFile(join(directory, lockFileName), lock, configuration)
}

/**
 * The yard's configuration as it is on disk now, which a server may have read before somebody changed it. Gates that a change
 * brings must be those that judge it.
 */
async function sameConfiguration({ file }: Configuration, files: ProposedFiles): Promise<Configuration> {
  const text = await readFile(file, 'utf8')
  if (text === files.configuration) return readConfiguration(file, text, gates)
  throw new YardError(
    'refused',
    `${join(files.directory, configurationName)} is not what the yard has in ${file}; nothing was changed`,
    { hint: 'bring it to the yard first; a lock file is applied to the configuration that it belongs to' },
  )
}
