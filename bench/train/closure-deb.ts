import { join } from 'node:path'
import { mirrorYaml } from '../apt/contenders/mirror-yaml.ts'
import type { Bench, Claim } from '../harness/claim.ts'
import { below, timesAsFast } from '../harness/compare.ts'
import { type Figure, type Findings, ours, type Target } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { shell } from '../harness/run.ts'
import { changedPackages, debianMain } from '../workloads/debian-main.ts'
import { architecture, indexDirectory } from '../workloads/sign-archive.ts'
import { type ClosureTrain, closureTrain } from './closure-train.ts'

const peer = 'dose-debcheck'

export const closureDeb: Claim = {
  name: 'closure-deb',
  title: 'Gate: can every package of a Debian release be installed?',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const { day1, day2, packages } = await debianMain(settings, key)
    const train = await closureTrain(
      bench,
      'closure-deb',
      [day1, day2],
      mirrorYaml('upstream', `${nginx.url}/closure-deb`, key, 'on-demand'),
    )
    const what = `all ${packages.toLocaleString('en')} packages, for the first time`
    const first = await compare(bench, train, what, 0, day1)
    const next = await compare(bench, train, `again, ${changedPackages} packages later`, 1, day2)
    return {
      figures: [...first, ...next],
      targets: [timesAsFast(1, first, peer), lessMemory(first), below(1, next[0]!)],
      notes: [
        'Ours is the whole command: it opens the yard, judges, and signs the evidence. In every turn the packages that cannot be installed are those that dose-debcheck names, which reads the plain index; so their number is compared, and each name.',
        `The ${changedPackages} packages are spread evenly over the alphabet, each with a higher version: what depends on exactly the old one cannot be installed any more.`,
      ],
    }
  },
}

async function compare({ settings }: Bench, train: ClosureTrain, what: string, day: 0 | 1, state: string) {
  const index = join(state, indexDirectory, 'Packages')
  let found: string[] = []
  return measureInTurns(settings, what, [
    {
      who: ours,
      prepare: () => train.prepare(day),
      command: train.gate(day),
      check: async () => {
        const findings = await train.findings(day)
        found = findings.map(text => /^\S+: (\S+) (\S+)/.exec(text)!.slice(1).join(' '))
      },
    },
    {
      who: peer,
      command: shell(`dose-debcheck --deb-native-arch=${architecture} --failures ${index} || [ $? = 1 ]`),
      check: output => {
        const broken = [...output.matchAll(/^ {2}package: (.*)\n {2}version: (.*)$/gm)]
        const theirs = broken.map(([, name, version]) => `${name} ${version}`)
        if (theirs.sort().join() !== found.sort().join())
          throw new Error(`the verdicts differ: ${theirs.length} packages, and ${found.length} of ours`)
      },
    },
  ])
}

function lessMemory([us, them]: Figure[]): Target {
  const mebibytes = (figure: Figure | undefined) => Math.round((figure?.peakBytes ?? 0) / 1024 / 1024)
  return {
    target: `peak memory: less than ${peer}`,
    measured: `${mebibytes(us)} MiB beside ${mebibytes(them)} MiB`,
    met: mebibytes(us) < mebibytes(them),
  }
}
