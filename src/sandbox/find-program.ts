import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Where the programs of a system lie; what a user has put before them does not count. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The file that a command names, as execvp(3) would find it from `cwd`; undefined when there is none that may be run. */
export async function findProgram(
  command: string,
  { path = systemPath, cwd = '/' }: { path?: string | undefined; cwd?: string } = {},
): Promise<string | undefined> {
  const candidates = command.includes('/')
    ? [resolve(cwd, command)]
    : path.split(':').map(directory => join(resolve(cwd, directory), command))
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate
  return undefined
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
