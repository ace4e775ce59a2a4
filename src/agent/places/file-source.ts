import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Source } from '../../trust/pure.ts'
import { onDisk, readStart } from '../host/disk.ts'

/** Departures in a directory: a USB stick, a shared file system. @param base ends with a slash. */
export function fileSource(base: URL): Source {
  const directory = fileURLToPath(base)
  return {
    async fetch(path, maximumBytes) {
      const bytes = readStart(join(directory, path), maximumBytes + 1)
      // A stick that is not plugged in must not look like a place that has nothing new.
      if (bytes === undefined) onDisk('reading', directory, () => statSync(directory))
      return bytes
    },
  }
}
