import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Claim } from '../harness/claim.ts'
import { below, figureOf, peakBelow } from '../harness/compare.ts'
import { type Figure, type Findings, ours, type Target } from '../harness/findings.ts'
import { type Contender, measureInTurns } from '../harness/measure.ts'
import { createYard, type OurYard, type SyncAnswer, syncAnswers } from '../harness/our-yard.ts'
import { measureResident } from '../harness/resident.ts'
import { costOf } from '../harness/tree-cost.ts'
import { debianMain } from '../workloads/debian-main.ts'
import { component, suite } from '../workloads/sign-archive.ts'
import { mirrorYaml } from './contenders/mirror-yaml.ts'

const filePageBytesAllowed = 1024 * 1024

export const onDemand: Claim = {
  name: 'on-demand',
  title: 'Debian main, 63,000 packages, on demand: metadata only',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const workload = await debianMain(settings, key)
    const configuration = `repositories:\n${mirrorYaml('main', `${nginx.url}/main`, key, 'on-demand')}`
    const yard = createYard(settings, 'on-demand', configuration)
    const answers: SyncAnswer[] = []
    const us: Contender = {
      who: ours,
      command: yard.sync,
      check: output => void answers.push(...syncAnswers(output)),
    }
    const apt = aptUpdate(bench)
    nginx.show('main', workload.day1)
    const first = await measureInTurns(settings, 'first snapshot', [
      { ...us, prepare: yard.clear },
      { ...apt, prepare: async () => clearApt(bench) },
    ])
    const created = answers.at(-1)!
    const same = await measureInTurns(settings, 'nothing new', [us, apt])
    const residentSame = await measureResident(settings, 'nothing new', yard.directory, 'sync', 'main')
    await yard.keep()
    nginx.show('main', workload.day2)
    const changed = await measureInTurns(settings, '300 packages changed', [{ ...us, prepare: yard.restore }])
    const next = answers.at(-1)!
    const diffs = await measureDiff(bench, yard, created, next)
    return {
      figures: [
        ...first,
        ...costOf('first snapshot', created),
        ...same,
        residentSame,
        ...changed,
        ...costOf('300 packages changed', next),
        ...diffs,
      ],
      targets: [
        below(1, figureOf(changed, ours)),
        below(50, diffs.at(-1)!),
        peakBelow(300, [...first, ...same, ...changed, ...diffs]),
        filePagesTarget(next),
      ],
      notes: [
        'The changed packages lie evenly over the alphabet, so nearly every one touches a page of its own: the worst case.',
        'apt-get update reads the same index once; it is here as a yardstick, since no peer snapshots without packages.',
      ],
    }
  },
}

function aptUpdate({ settings, nginx, key }: Bench): Contender {
  const home = join(settings.directory, 'apt')
  clearApt({ settings })
  writeFileSync(
    join(home, 'sources.list'),
    `deb [signed-by=${key.publicFile}] ${nginx.url}/main ${suite} ${component}\n`,
  )
  writeFileSync(join(home, 'status'), '')
  const options = {
    'Dir::Etc::sourcelist': join(home, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(home, 'lists'),
    'Dir::State::status': join(home, 'status'),
    'Dir::Cache': join(home, 'cache'),
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
  }
  const args = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return { who: 'apt-get update', command: { program: 'apt-get', args: ['-q', ...args, 'update'] } }
}

function clearApt({ settings }: Pick<Bench, 'settings'>): void {
  const home = join(settings.directory, 'apt')
  for (const name of ['lists', 'cache']) {
    rmSync(join(home, name), { recursive: true, force: true })
    mkdirSync(join(home, name, 'partial'), { recursive: true })
  }
}

async function measureDiff(
  { settings }: Bench,
  yard: OurYard,
  before: SyncAnswer,
  after: SyncAnswer,
): Promise<Figure[]> {
  const [from, to] = [before, after].map(({ snapshot }) => `main@${snapshot.record.timestamp}`) as [
    string,
    string,
  ]
  const command = yard.command('diff', from, to)
  const process = await measureInTurns(settings, 'diff', [{ who: ours, command }])
  return [...process, await measureResident(settings, 'diff', yard.directory, 'diff', from, to)]
}

function filePagesTarget({ cost }: SyncAnswer): Target {
  return {
    target: '300 packages changed: under 1 MiB of file-tree pages',
    measured: `${Math.round(cost.newFilePageBytes / 1024)} KiB`,
    met: cost.newFilePageBytes < filePageBytesAllowed,
  }
}
