import type { Bench, Claim } from '../harness/claim.ts'
import { fastest } from '../harness/compare.ts'
import type { Findings } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { syncFresh } from '../harness/mirror.ts'
import { debReal } from '../workloads/deb-real.ts'
import { allMirrors } from './contenders/mirrors.ts'

export const nextDay: Claim = {
  name: 'next-day',
  title: 'Next day: 63 packages changed, 21 added, 21 removed',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const workload = await debReal(settings, key)
    nginx.show('deb', workload.today)
    const mirrors = await allMirrors(bench)
    for (const mirror of mirrors) {
      await syncFresh(mirror)
      await mirror.keep()
    }
    nginx.show('deb', workload.tomorrow)
    const contenders = mirrors.map(({ who, restore, sync, check }) => ({
      who,
      prepare: restore,
      command: sync,
      ...(check === undefined ? {} : { check }),
    }))
    const figures = await measureInTurns(settings, 'next day', contenders, Math.max(settings.runs, 5))
    return { figures, targets: [fastest(figures, ['aptly', 'debmirror', 'reprepro'])] }
  },
}
