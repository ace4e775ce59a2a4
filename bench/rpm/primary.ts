import { join } from 'node:path'
import type { Bench, Claim } from '../harness/claim.ts'
import { figureOf, rounded } from '../harness/compare.ts'
import { type Figure, type Findings, ours, type Target } from '../harness/findings.ts'
import { load, waitForQuiet } from '../harness/load.ts'
import { run } from '../harness/run.ts'
import { median } from '../harness/statistics.ts'
import { rpmScale } from '../workloads/rpm-scale.ts'

const wanted = 150

export const primary: Claim = {
  name: 'primary',
  title: 'Reading primary.xml of 62,370 packages, on one core',
  async measure({ settings, key }: Bench): Promise<Findings> {
    const workload = await rpmScale(settings, key)
    const script = join(settings.checkout, 'bench', 'scan-primary.ts')
    const figures: Figure[] = []
    for (const who of [ours, 'saxes']) {
      await waitForQuiet(settings.quietSeconds)
      const how = who === ours ? 'ours' : who
      const output = await run({ program: process.execPath, args: [script, workload.primary, how] })
      figures.push({ what: 'primary.xml', who, unit: 'MB/s', values: JSON.parse(output), load: [load()] })
    }
    return {
      figures,
      targets: [fastEnough(figureOf(figures, ours))],
      notes: [
        'In a process of its own, from memory: ours cuts out every package and reads what a sync needs of it, saxes parses and nobody looks at the result.',
      ],
    }
  },
}

function fastEnough(figure: Figure): Target {
  const rate = median(figure.values)
  return {
    target: `primary.xml: ${wanted} MB/s or more`,
    measured: `${rounded(rate)} MB/s`,
    met: rate >= wanted,
  }
}
