import type { Bench, Claim } from '../harness/claim.ts'
import { timesAsFast, within } from '../harness/compare.ts'
import { type Figure, type Findings, ours } from '../harness/findings.ts'
import { type Contender, measureInTurns } from '../harness/measure.ts'
import { createdAnswer, createYard, type OurYard } from '../harness/our-yard.ts'
import { measureResident } from '../harness/resident.ts'
import { type Command, lineOf, run, shell } from '../harness/run.ts'
import type { Settings } from '../harness/settings.ts'
import { type RpmReal, rpmReal } from '../workloads/rpm-real.ts'
import { createrepo, createrepos } from './contenders/createrepo.ts'

type Peers = ReturnType<typeof createrepos>

const configuration = `repositories:
  ours:
    uploads: rpm
  composed:
    compose:
      from: [ours]
`

export const metadata: Claim = {
  name: 'metadata',
  title: 'Metadata of a repository of our own, beside createrepo_c',
  async measure({ settings, key }: Bench): Promise<Findings> {
    const workload = await rpmReal(settings, key)
    const yard = createYard(settings, 'rpm-uploads', configuration)
    const peers = createrepos(settings, workload)
    const scratch = await fromScratch(settings, yard, peers, workload)
    await holdToday(yard, workload)
    const { unchanged, resident } = await withoutChange(settings, yard, peers)
    const uploaded = await uploadOfChanges(settings, yard, peers, workload)
    await holdChanges(yard, workload)
    const recomposed = await recomposition(settings, yard, peers)
    const update = `${createrepo} --update`
    return {
      figures: [...scratch, ...unchanged, resident, ...uploaded, ...recomposed],
      targets: [
        within(1.5, scratch, createrepo),
        timesAsFast(5, unchanged, update),
        timesAsFast(5, uploaded, update),
        timesAsFast(5, recomposed, update),
      ],
      notes: [
        'Ours from scratch is `switchyard upload` of all files: it also copies them into its store, synced to disk, and proves every payload to be whole; createrepo_c only reads them where they lie.',
        'Unchanged is `switchyard sync` of a composition whose inputs have not changed. With 3 % changed, ours is the upload of the changed and added files beside the old ones, and the composition after that; createrepo_c finds the same files among the others.',
      ],
    }
  },
}

function upload(yard: OurYard, files: string): Command {
  return shell(`${lineOf(yard.command('upload', '--json', 'ours'))} ${files}`)
}

function allOf({ today, packages }: RpmReal): string {
  return `'${today}/${packages}'/*.rpm`
}

async function fromScratch(settings: Settings, yard: OurYard, peers: Peers, workload: RpmReal) {
  const us = { who: ours, prepare: yard.clear, command: upload(yard, allOf(workload)) }
  return measureInTurns(settings, 'from scratch', [us, ...peers.scratch])
}

async function holdToday(yard: OurYard, workload: RpmReal): Promise<void> {
  await yard.clear()
  await run(upload(yard, allOf(workload)))
  await run(yard.command('sync', 'composed', '--json'))
  await yard.keep()
}

async function withoutChange(
  settings: Settings,
  yard: OurYard,
  peers: Peers,
): Promise<{ unchanged: Figure[]; resident: Figure }> {
  const us = { who: ours, command: yard.command('sync', 'composed', '--json') }
  const unchanged = await measureInTurns(settings, 'unchanged', [us, ...peers.unchanged])
  const resident = await measureResident(settings, 'unchanged', yard.directory, 'sync', 'composed')
  return { unchanged, resident }
}

async function uploadOfChanges(settings: Settings, yard: OurYard, peers: Peers, { fresh }: RpmReal) {
  const us = { who: ours, prepare: yard.restore, command: upload(yard, fresh.join(' ')) }
  return measureInTurns(settings, '3 % changed: upload', [us, ...peers.changed])
}

async function holdChanges(yard: OurYard, { fresh }: RpmReal): Promise<void> {
  await yard.restore()
  await run(upload(yard, fresh.join(' ')))
  await yard.keep()
}

async function recomposition(settings: Settings, yard: OurYard, peers: Peers) {
  const us: Contender = {
    who: ours,
    prepare: yard.restore,
    command: yard.command('sync', 'composed', '--json'),
    check: output => void createdAnswer(output),
  }
  return measureInTurns(settings, '3 % changed: composition', [us, ...peers.changed])
}
