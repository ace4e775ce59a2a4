import type { Bench, Claim } from '../harness/claim.ts'
import { below, figureOf, peakBelow } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { type Contender, measureInTurns } from '../harness/measure.ts'
import { createdAnswer, createYard, type SyncAnswer } from '../harness/our-yard.ts'
import { measureResident } from '../harness/resident.ts'
import { costOf } from '../harness/tree-cost.ts'
import { rpmScale } from '../workloads/rpm-scale.ts'
import { createDnf } from './contenders/dnf.ts'
import { mirrorYaml } from './contenders/mirror-yaml.ts'

export const onDemand: Claim = {
  name: 'on-demand',
  title: '62,370 packages, on demand: metadata only',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const { day1, day2 } = await rpmScale(settings, key)
    const url = `${nginx.url}/rpm-60k`
    const compositions = `  composed:\n    compose:\n      from: [scale]\n    policy: on-demand\n`
    const configuration = `repositories:\n${mirrorYaml('scale', url, key, 'on-demand')}${compositions}`
    const yard = createYard(settings, 'rpm-on-demand', configuration)
    const answers: SyncAnswer[] = []
    const us = (repository: string): Contender => ({
      who: ours,
      command: yard.command('sync', repository, '--json'),
      check: output => void answers.push(createdAnswer(output)),
    })
    const dnf = createDnf(settings, 'rpm-60k', url)
    await dnf.clear()
    const makecache = { who: 'dnf makecache', prepare: dnf.forget, command: dnf.dnf('makecache') }
    nginx.show('rpm-60k', day1)
    const first = await measureInTurns(settings, 'first snapshot', [
      { ...us('scale'), prepare: yard.clear },
      makecache,
    ])
    const created = answers.at(-1)!
    const same = await measureInTurns(settings, 'nothing new', [
      { who: ours, command: yard.command('sync', 'scale', '--json') },
    ])
    const residentSame = await measureResident(settings, 'nothing new', yard.directory, 'sync', 'scale')
    await yard.keep()
    const composed = await measureInTurns(settings, 'composition of everything', [
      { ...us('composed'), prepare: yard.restore },
    ])
    await yard.keep()
    nginx.show('rpm-60k', day2)
    const changed = await measureInTurns(settings, '300 packages changed', [
      { ...us('scale'), prepare: yard.restore },
    ])
    const next = answers.at(-1)!
    await yard.keep()
    const recomposed = await measureInTurns(settings, '300 packages changed: composition', [
      { ...us('composed'), prepare: yard.restore },
    ])
    return {
      figures: [
        ...first,
        ...costOf('first snapshot', created),
        ...same,
        residentSame,
        ...composed,
        ...changed,
        ...costOf('300 packages changed', next),
        ...recomposed,
      ],
      targets: [
        below(0.12, figureOf(same, ours)),
        below(15, residentSame),
        peakBelow(350, [...first, ...same, ...composed, ...changed, ...recomposed]),
      ],
      notes: [
        'The changed packages lie evenly over the whole, so nearly every one touches a page of its own: the worst case.',
        'dnf makecache reads the same metadata once; it is here as a yardstick, since no peer snapshots without packages.',
      ],
    }
  },
}
