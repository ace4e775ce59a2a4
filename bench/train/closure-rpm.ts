import type { Bench, Claim } from '../harness/claim.ts'
import { below, within } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { run } from '../harness/run.ts'
import { createDnf } from '../rpm/contenders/dnf.ts'
import { mirrorYaml } from '../rpm/contenders/mirror-yaml.ts'
import { rpmScale } from '../workloads/rpm-scale.ts'
import { closureTrain } from './closure-train.ts'

const peer = 'dnf repoclosure'

export const closureRpm: Claim = {
  name: 'closure-rpm',
  title: 'Gate: does every package of an RPM release find what it requires?',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const { day1, day2 } = await rpmScale(settings, key)
    const url = `${nginx.url}/closure-rpm`
    const train = await closureTrain(
      bench,
      'closure-rpm',
      [day1, day2],
      mirrorYaml('upstream', url, key, 'on-demand'),
    )
    const compare = async (what: string, day: 0 | 1, state: string) => {
      nginx.show('closure-rpm', state)
      const dnf = createDnf(settings, 'gate-closure', url)
      await dnf.clear()
      await run(dnf.dnf('makecache'))
      return measureInTurns(settings, what, [
        {
          who: ours,
          prepare: () => train.prepare(day),
          command: train.gate(day),
          check: async () => {
            const [found] = await train.findings(day)
            if (found !== undefined) throw new Error(`repoclosure finds nothing, and we do: ${found}`)
          },
        },
        // It fails when it finds anything.
        { who: peer, command: dnf.dnf('repoclosure --repo up') },
      ])
    }
    const first = await compare('all 62,370 packages, for the first time', 0, day1)
    const next = await compare('again, 300 packages later', 1, day2)
    return {
      figures: [...first, ...next],
      targets: [within(3, first, peer), below(1, next[0]!)],
      notes: [
        'repoclosure has the metadata in its cache, as a binary that it maps; ours opens the yard, judges, and signs the evidence, for the first time from the packages as they were listed.',
      ],
    }
  },
}
