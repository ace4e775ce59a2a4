import { join } from 'node:path'
import type { Figure } from './findings.ts'
import { load, waitForQuiet } from './load.ts'
import { run } from './run.ts'
import type { Settings } from './settings.ts'

/** Milliseconds of 50 calls of a verb inside one process that stays (`bench/resident.ts`). */
export async function measureResident(
  settings: Settings,
  what: string,
  yard: string,
  ...verb: string[]
): Promise<Figure> {
  await waitForQuiet(settings.quietSeconds)
  const script = join(settings.checkout, 'bench', 'resident.ts')
  const output = await run({ program: process.execPath, args: [script, yard, ...verb] })
  return {
    what,
    who: 'switchyard, in a running process',
    unit: 'ms',
    values: JSON.parse(output),
    load: [load()],
  }
}
