import type { Bench, Claim } from '../harness/claim.ts'
import { below, fastest, figureOf } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { syncFresh } from '../harness/mirror.ts'
import type { OurYard } from '../harness/our-yard.ts'
import { measureResident } from '../harness/resident.ts'
import { debReal } from '../workloads/deb-real.ts'
import { allMirrors } from './contenders/mirrors.ts'

export const nothingNew: Claim = {
  name: 'nothing-new',
  title: 'Nothing new: the same packages again, signatures verified',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    nginx.show('deb', (await debReal(settings, key)).today)
    const mirrors = await allMirrors(bench)
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
    const { directory } = mirrors[0] as OurYard
    const resident = await measureResident(settings, 'nothing new', directory, 'sync', 'deb')
    return {
      figures: [...figures, resident],
      targets: [
        below(0.12, figureOf(figures, ours)),
        below(15, resident),
        fastest(figures, ['aptly', 'debmirror']),
      ],
      notes: ['reprepro only compares the checksum of Release, and starts no interpreter.'],
    }
  },
}
