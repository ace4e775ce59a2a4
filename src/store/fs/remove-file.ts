import { unlinkSync } from 'node:fs'
import { errnoOf } from './disk-error.ts'

/** Removes a file. False when there is none. */
export function removeIfThere(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch (error) {
    if (absences.has(errnoOf(error) ?? '')) return false
    throw error
  }
}

const absences = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])

/** Removes a leftover if it can: whoever calls is on the way to something more important, and a sweep comes later. */
export function removeFile(file: string): void {
  try {
    unlinkSync(file)
  } catch {}
}
