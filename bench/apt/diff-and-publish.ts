import type { Bench, Claim } from '../harness/claim.ts'
import { below, figureOf } from '../harness/compare.ts'
import { type Figure, type Findings, ours } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { syncFresh } from '../harness/mirror.ts'
import { createdAnswer, createYard, type OurYard, syncAnswers } from '../harness/our-yard.ts'
import { measureResident } from '../harness/resident.ts'
import { run } from '../harness/run.ts'
import { debReal } from '../workloads/deb-real.ts'
import { suite } from '../workloads/sign-archive.ts'
import { type Aptly, createAptly } from './contenders/aptly.ts'
import { mirrorYaml } from './contenders/mirror-yaml.ts'

/** Two snapshots of the mirror, a day apart. */
interface Days {
  today: string
  tomorrow: string
}

export const diffAndPublish: Claim = {
  name: 'diff-and-publish',
  title: 'Diff two snapshots; write and sign the metadata of a repository of our own',
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key, nginx } = bench
    const workload = await debReal(settings, key)
    nginx.show('deb', workload.today)
    const configuration = `repositories:
${mirrorYaml('deb', `${nginx.url}/deb`, key, 'immediate')}  composed:
    compose:
      from: [deb]
`
    const yard = createYard(settings, 'composed', configuration)
    const aptly = await createAptly(settings, key, nginx.url)
    const today = await holdToday(yard, aptly)
    const first = await publishFirst(bench, yard, aptly)
    nginx.show('deb', workload.tomorrow)
    const tomorrow = await holdTomorrow(yard, aptly)
    const next = await publishNext(bench, yard, aptly)
    const { process, resident } = await diffDays(bench, yard, aptly, { today, tomorrow })
    return {
      figures: [...first, ...next, ...process, resident],
      targets: [below(0.386, figureOf(first, ours)), below(0.351, figureOf(next, ours)), below(50, resident)],
      notes: [
        'A mirror is published when its snapshot exists: there is nothing to write, and a channel moves by one pointer.',
        'The targets of publishing are what aptly took where this was planned; the row beside ours is the same run.',
      ],
    }
  },
}

async function holdToday(yard: OurYard, aptly: Aptly): Promise<string> {
  await yard.clear()
  const [answer] = syncAnswers(await run(yard.command('sync', 'deb', '--json')))
  await yard.keep()
  await syncFresh(aptly)
  await run(aptly.aptly('snapshot create s1 from mirror m'))
  return answer!.snapshot.record.timestamp
}

async function holdTomorrow(yard: OurYard, aptly: Aptly): Promise<string> {
  const [answer] = syncAnswers(await run(yard.command('sync', 'deb', '--json')))
  await yard.keep()
  await run(aptly.sync)
  await run(aptly.aptly('snapshot create s2 from mirror m'))
  return answer!.snapshot.record.timestamp
}

async function publishFirst(bench: Bench, yard: OurYard, aptly: Aptly): Promise<Figure[]> {
  const { settings, key } = bench
  const publish = `publish snapshot -batch -gpg-key=${key.user} -distribution=${suite} s1 p`
  const drop = async () => void (await run(aptly.aptly(`publish drop ${suite} p`)).catch(() => undefined))
  const what = 'publish, first time'
  const withContents = await measureInTurns(
    settings,
    what,
    [
      {
        who: 'aptly, with Contents (its default)',
        prepare: drop,
        command: aptly.aptly(publish, { contents: true }),
      },
    ],
    1,
  )
  const figures = await measureInTurns(settings, what, [
    {
      who: ours,
      prepare: yard.restore,
      command: yard.command('sync', 'composed', '--json'),
      check: output => void createdAnswer(output),
    },
    { who: 'aptly', prepare: drop, command: aptly.aptly(publish) },
  ])
  return [...figures, ...withContents]
}

async function publishNext({ settings, key }: Bench, yard: OurYard, aptly: Aptly): Promise<Figure[]> {
  const change = (snapshot: string) =>
    aptly.aptly(`publish switch -batch -gpg-key=${key.user} ${suite} p ${snapshot}`)
  return measureInTurns(settings, 'publish the next day', [
    {
      who: ours,
      prepare: yard.restore,
      command: yard.command('sync', 'composed', '--json'),
      check: output => void createdAnswer(output),
    },
    { who: 'aptly', prepare: async () => void (await run(change('s1'))), command: change('s2') },
  ])
}

async function diffDays({ settings }: Bench, yard: OurYard, aptly: Aptly, { today, tomorrow }: Days) {
  const [from, to] = [`deb@${today}`, `deb@${tomorrow}`]
  const process = await measureInTurns(
    settings,
    'diff',
    [
      { who: ours, command: yard.command('diff', from, to) },
      { who: 'aptly', command: aptly.aptly('snapshot diff s1 s2') },
    ],
    Math.max(settings.runs, 5),
  )
  return { process, resident: await measureResident(settings, 'diff', yard.directory, 'diff', from, to) }
}
