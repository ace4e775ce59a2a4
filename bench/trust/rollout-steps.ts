import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Claim } from '../harness/claim.ts'
import { rounded } from '../harness/compare.ts'
import { type Figure, type Findings, ours } from '../harness/findings.ts'
import { load, waitForQuiet } from '../harness/load.ts'
import { run } from '../harness/run.ts'
import { median } from '../harness/statistics.ts'

/** So many channels has the yard whose rollout takes a step. */
const sizes = [3, 1_000]

export const rolloutSteps: Claim = {
  name: 'rollout-steps',
  title: 'A step of a rollout: its statement, signed and published',
  async measure({ settings }: Bench): Promise<Findings> {
    const figures: Figure[] = []
    for (const channels of sizes) {
      await waitForQuiet(settings.quietSeconds)
      const before = load()
      const directory = join(settings.directory, 'rollout-steps')
      rmSync(directory, { recursive: true, force: true })
      const script = join(settings.checkout, 'bench/trust-rollout.ts')
      const found = await run({ program: process.execPath, args: [script, directory, `${channels}`] })
      const values = JSON.parse(found) as number[]
      figures.push({
        what: `in a yard with ${channels.toLocaleString('en')} channels`,
        who: ours,
        unit: 'ms',
        values,
        load: values.map(() => before),
      })
    }
    return {
      figures,
      targets: figures.map(({ what, values }) => ({
        target: `signing a rollout's statement ${what}: under 50 ms`,
        measured: `${rounded(median(values))} ms`,
        met: median(values) < 50,
      })),
      notes: [
        'Four files are written and on the disk at the end: the statement, its metadata, snapshot and timestamp.',
      ],
    }
  },
}
