import type { Bench, Claim } from '../harness/claim.ts'
import { timesAsFast } from '../harness/compare.ts'
import type { Findings } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { rpmReal } from '../workloads/rpm-real.ts'
import { bothMirrors } from './contenders/mirrors.ts'

export const coldMirror: Claim = {
  name: 'cold-mirror',
  title: 'Cold mirror: 2,970 packages, 1.4 GB, from nothing',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    nginx.show('rpm', (await rpmReal(settings, key)).today)
    const figures = await measureInTurns(
      settings,
      'cold mirror',
      bothMirrors(bench).map(({ who, clear, sync, check }) => ({
        who,
        prepare: clear,
        command: sync,
        ...(check === undefined ? {} : { check }),
      })),
    )
    return { figures, targets: [timesAsFast(2, figures, 'dnf reposync')] }
  },
}
