import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Does something once per directory: the stamp goes down only after it ended well. */
export async function once(directory: string, name: string, work: () => Promise<void>): Promise<void> {
  const stamp = join(directory, `.stamp-${name}`)
  if (existsSync(stamp)) return
  console.error(`making ${name} in ${directory}, once`)
  await work()
  writeFileSync(stamp, '')
}
