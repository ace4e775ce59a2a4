import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf, YardError } from '../model/index.ts'
import type { ProposedFiles } from '../yard/index.ts'
import { configurationName, lockFileName } from '../yard/index.ts'
import type { Cli } from './context.ts'

/** The two files in a directory, for a yard that may be another machine's. Undefined where no directory was named. */
export async function proposedFiles(
  { workingDirectory }: Cli,
  directory: string | undefined,
): Promise<{ files?: ProposedFiles }> {
  if (directory === undefined) return {}
  const within = resolve(workingDirectory, directory)
  const configuration = await textOf(join(within, configurationName))
  if (configuration === undefined)
    throw new YardError('usage', `there is no ${configurationName} in ${within}`, {
      hint: `--files names a directory with ${configurationName} and ${lockFileName}`,
    })
  return {
    files: { directory, configuration, lock: (await textOf(join(within, lockFileName))) ?? null },
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new YardError('usage', `${file} cannot be read: ${messageOf(cause)}`, { cause })
  }
}
