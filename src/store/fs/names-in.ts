import { readdirSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'

/** The names in a directory, none when it does not exist. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}
