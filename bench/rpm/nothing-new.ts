import type { Bench, Claim } from '../harness/claim.ts'
import { below, fastest, figureOf } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { syncFresh } from '../harness/mirror.ts'
import { measureResident } from '../harness/resident.ts'
import { rpmReal } from '../workloads/rpm-real.ts'
import { bothMirrors } from './contenders/mirrors.ts'

export const nothingNew: Claim = {
  name: 'nothing-new',
  title: 'Nothing new: the same packages again',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    nginx.show('rpm', (await rpmReal(settings, key)).today)
    const mirrors = bothMirrors(bench)
    for (const mirror of mirrors) await syncFresh(mirror)
    const figures = await measureInTurns(
      settings,
      'nothing new',
      mirrors.map(({ who, sync, check }) => ({
        who,
        command: sync,
        ...(check === undefined ? {} : { check }),
      })),
      Math.max(settings.runs, 5),
    )
    const resident = await measureResident(settings, 'nothing new', mirrors[0].directory, 'sync', 'rpm')
    return {
      figures: [...figures, resident],
      targets: [
        below(0.12, figureOf(figures, ours)),
        below(15, resident),
        fastest(figures, ['dnf reposync']),
      ],
    }
  },
}
