import type { Bench, Claim } from '../harness/claim.ts'
import { fastest } from '../harness/compare.ts'
import type { Findings } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { syncFresh } from '../harness/mirror.ts'
import { rpmReal } from '../workloads/rpm-real.ts'
import { bothMirrors } from './contenders/mirrors.ts'

export const nextDay: Claim = {
  name: 'next-day',
  title: 'Next day: 3 % of the packages changed, 30 added, 30 removed',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const { today, tomorrow } = await rpmReal(settings, key)
    nginx.show('rpm', today)
    const mirrors = bothMirrors(bench)
    for (const mirror of mirrors) {
      await syncFresh(mirror)
      await mirror.keep()
    }
    nginx.show('rpm', tomorrow)
    const figures = await measureInTurns(
      settings,
      'next day',
      mirrors.map(({ who, restore, sync, check }) => ({
        who,
        prepare: restore,
        command: sync,
        ...(check === undefined ? {} : { check }),
      })),
      Math.max(settings.runs, 5),
    )
    return { figures, targets: [fastest(figures, ['dnf reposync'])] }
  },
}
