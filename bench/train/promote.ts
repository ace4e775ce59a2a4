import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mirrorYaml } from '../apt/contenders/mirror-yaml.ts'
import type { Bench, Claim } from '../harness/claim.ts'
import { rounded } from '../harness/compare.ts'
import { type Figure, type Findings, ours, type Target } from '../harness/findings.ts'
import { type Contender, measureInTurns } from '../harness/measure.ts'
import { createYard, type OurYard } from '../harness/our-yard.ts'
import { measureResident } from '../harness/resident.ts'
import { run } from '../harness/run.ts'
import type { Settings } from '../harness/settings.ts'
import { median } from '../harness/statistics.ts'
import { debReal } from '../workloads/deb-real.ts'
import { debianMain } from '../workloads/debian-main.ts'

/** How many repositories travel. */
const repositories = 20

/** A train of as many mirrors of one archive, and the release that its channel is moved to and from. */
interface Train {
  name: 'large' | 'small'
  days: [string, string]
  releases: [string, string]
}

export const promote: Claim = {
  name: 'promote',
  title: `Promote and roll back a train of ${repositories} apt repositories`,
  async measure(bench: Bench): Promise<Findings> {
    const { settings, key } = bench
    const main = await debianMain(settings, key)
    const real = await debReal(settings, key)
    const yard = createYard(settings, 'trains', configurationOf(bench, 'rsa4096'))
    const [large, small] = await cutBoth(bench, yard, [
      ['large', [main.day1, main.day2]],
      ['small', [real.today, real.tomorrow]],
    ])
    const rsa = await moves(settings, yard, large!, 'RSA-4096')
    const process = await wholeProcess(settings, yard, large!)
    writeFileSync(join(yard.directory, 'switchyard.yaml'), configurationOf(bench, 'ed25519'))
    await replaceKey(yard)
    const ed25519 = await moves(settings, yard, large!, 'Ed25519')
    const few = await moves(settings, yard, small!, 'Ed25519')
    return {
      figures: [...rsa, ...ed25519, ...few, ...process],
      targets: [...withoutSigning(rsa), ...withoutSigning(ed25519)],
      notes: [
        `Large: ${repositories} mirrors of one index with ${main.packages.toLocaleString('en')} packages, of which 300, spread evenly, differ between the two releases; small: of one with some 2,000. They share pages, so that whatever reads trees finds them in memory after the first; sealing reads nothing but Release files.`,
        `Every promotion signs ${2 * repositories} times: InRelease and Release.gpg of ${repositories} suites.`,
      ],
    }
  },
}

function namesOf(train: Train['name']): string[] {
  return Array.from({ length: repositories }, (_, i) => `${train}-${i}`)
}

function configurationOf({ key, nginx }: Bench, algorithm: string): string {
  const mirrors = (['large', 'small'] as const).flatMap(train =>
    namesOf(train).map(name => mirrorYaml(name, `${nginx.url}/${train}`, key, 'on-demand')),
  )
  const train = (name: Train['name']) =>
    `  ${name}:\n    repositories: [${namesOf(name).join(', ')}]\n    channels: { production: {} }\n    complete: fetchable\n`
  return `keys: { algorithm: ${algorithm} }\nrepositories:\n${mirrors.join('')}trains:\n${train('large')}${train('small')}`
}

/** Both days of both trains, cut and promoted once, so that there is a way back. */
async function cutBoth(
  { nginx }: Bench,
  yard: OurYard,
  trains: [Train['name'], [string, string]][],
): Promise<Train[]> {
  const made = trains.map(([name, days]): Train => ({ name, days, releases: ['', ''] }))
  await yard.clear()
  for (const day of [0, 1] as const)
    for (const train of made) {
      nginx.show(train.name, train.days[day])
      for (const name of namesOf(train.name)) await run(yard.command('sync', '--json', name))
      const answer = JSON.parse(await run(yard.command('release', train.name, '--json')))
      train.releases[day] = `${train.name}@${answer.release.timestamp}`
      await run(yard.command('promote', `${train.name}/production`))
    }
  return made
}

/** A running process moves the channel 50 times either way; signing alone costs so much of it. */
async function moves(
  settings: Settings,
  yard: OurYard,
  { name, releases }: Train,
  key: string,
): Promise<Figure[]> {
  const measured = (what: string, ...verb: string[]) =>
    measureResident(settings, `${what}, ${key}`, yard.directory, ...verb)
  const move = [`${name}/production`, releases[1]]
  return [
    await measured(`promote, ${name}`, 'promote', ...move),
    await measured(`roll back, ${name}`, 'rollback', ...move),
    await measured('its signatures alone', 'sign', String(2 * repositories)),
  ]
}

async function wholeProcess(settings: Settings, yard: OurYard, { name, releases }: Train): Promise<Figure[]> {
  const channel = `${name}/production`
  const promote = yard.command('promote', channel, releases[1])
  const rollback = yard.command('rollback', channel)
  // Wherever it stands.
  const ahead = async () => void (await run(promote))
  const behind = async () => {
    await ahead()
    await run(rollback)
  }
  const contenders: [string, Contender][] = [
    ['promote', { who: ours, prepare: behind, command: promote }],
    ['roll back', { who: ours, prepare: ahead, command: rollback }],
  ]
  const figures: Figure[] = []
  for (const [what, contender] of contenders)
    figures.push(...(await measureInTurns(settings, `${what}, whole process, RSA-4096`, [contender])))
  return figures
}

async function replaceKey(yard: OurYard): Promise<void> {
  const keys = (...args: string[]) =>
    run({ ...yard.command(), args: ['trust', 'keys', ...args, '--yard', yard.directory] })
  const shown = JSON.parse(await keys('show', '--json'))
  await keys('rotate')
  await keys('retire', shown.fingerprints[0])
}

/** The moves without what their signatures take by themselves. */
function withoutSigning([promote, rollback, signatures]: Figure[]): Target[] {
  return [promote!, rollback!].map(figure => {
    const rest = median(figure.values) - median(signatures!.values)
    return {
      target: `${figure.what}: under 50 ms beside the signatures`,
      measured: `${rounded(rest)} ms`,
      met: rest < 50,
    }
  })
}
