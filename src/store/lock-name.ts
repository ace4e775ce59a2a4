import { YardError } from '../model/index.ts'

/** @throws YardError `invalid` when the text cannot name a lock. */
export function checkLockName(name: string): string {
  const bytes = Buffer.byteLength(name)
  if (bytes > 0 && bytes <= 80 && name.isWellFormed()) return name
  throw new YardError(
    'invalid',
    `not the name of a lock: ${JSON.stringify(name.slice(0, 100))}: it has ${bytes} bytes`,
    {
      hint: 'a lock has a name of 1 to 80 bytes in UTF-8',
    },
  )
}
