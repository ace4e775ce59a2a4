/**
 * Loaded before our program to see what durability costs: every fsync answers at once. For measuring only.
 */
import fs from 'node:fs'
import { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

type Done = (error: Error | null) => void

const answer = (_: number, done: Done): void => void setImmediate(done, null)
for (const name of ['fsync', 'fdatasync'] as const) {
  Object.assign(fs, { [name]: answer, [`${name}Sync`]: () => {} })
}
const handle = await open('/dev/null')
Object.assign(Object.getPrototypeOf(handle), { sync: async () => {}, datasync: async () => {} })
await handle.close()
syncBuiltinESMExports()
