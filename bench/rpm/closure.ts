import type { Bench, Claim } from '../harness/claim.ts'
import { within } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { createdAnswer, createYard } from '../harness/our-yard.ts'
import { run } from '../harness/run.ts'
import { rpmReal } from '../workloads/rpm-real.ts'
import { rpmScale } from '../workloads/rpm-scale.ts'
import { createDnf } from './contenders/dnf.ts'
import { mirrorYaml } from './contenders/mirror-yaml.ts'

const peer = 'dnf repoclosure'

export const closure: Claim = {
  name: 'closure',
  title: 'Closure: is every dependency satisfied?',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key } = bench
    const small = await measureOne(bench, 'rpm', '2,970 packages', (await rpmReal(settings, key)).today)
    const large = await measureOne(bench, 'rpm-60k', '62,370 packages', (await rpmScale(settings, key)).day1)
    return {
      figures: [...small, ...large],
      targets: [within(3, small, peer), within(3, large, peer)],
      notes: [
        'Ours composes every package of the repository with its dependencies, and writes the metadata of the result; repoclosure only checks, with the metadata in its cache.',
      ],
    }
  },
}

async function measureOne({ settings, key, nginx }: Bench, name: string, what: string, state: string) {
  const url = `${nginx.url}/${name}`
  nginx.show(name, state)
  const dnf = createDnf(settings, `closure-${name}`, url)
  await dnf.clear()
  await run(dnf.dnf('makecache'))
  const closed = `  closed:
    compose:
      from: [all]
      include: ['*']
      with-dependencies: true
    policy: on-demand
`
  const configuration = `repositories:\n${mirrorYaml('all', url, key, 'on-demand')}${closed}`
  const yard = createYard(settings, `closure-${name}`, configuration)
  await yard.clear()
  await run(yard.command('sync', 'all', '--json'))
  await yard.keep()
  return measureInTurns(settings, what, [
    {
      who: ours,
      prepare: yard.restore,
      command: yard.command('sync', 'closed', '--json'),
      check: output => void createdAnswer(output),
    },
    { who: peer, command: dnf.dnf('repoclosure --repo up') },
  ])
}
