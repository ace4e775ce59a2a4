import { mirrorYaml } from '../apt/contenders/mirror-yaml.ts'
import type { Bench, Claim } from '../harness/claim.ts'
import { below } from '../harness/compare.ts'
import { type Findings, ours } from '../harness/findings.ts'
import { measureInTurns } from '../harness/measure.ts'
import { createYard } from '../harness/our-yard.ts'
import { run } from '../harness/run.ts'
import { debReal } from '../workloads/deb-real.ts'

/** How many repositories travel, in how many trains of so many channels each. */
const size = { repositories: 20, trains: 5, channels: ['dev', 'staging', 'production'] }

export const plan: Claim = {
  name: 'plan',
  title: 'Plan on a yard in which nothing has changed',
  async measure({ settings, key, nginx }: Bench): Promise<Findings> {
    nginx.show('deb', (await debReal(settings, key)).today)
    const repositories = Array.from({ length: size.repositories }, (_, i) => `deb-${i}`)
    const trains = Array.from({ length: size.trains }, (_, i) => `train-${i}`)
    const mirrors = repositories.map(name => mirrorYaml(name, `${nginx.url}/deb`, key, 'on-demand'))
    const channels = size.channels.map(name => `${name}: {}`).join(', ')
    const declared = trains.map(
      name =>
        `  ${name}:\n    repositories: [${repositories.join(', ')}]\n    channels: { ${channels} }\n    complete: fetchable\n`,
    )
    const yard = createYard(
      settings,
      'plan',
      `keys: { algorithm: ed25519 }\nrepositories:\n${mirrors.join('')}trains:\n${declared.join('')}`,
    )
    await yard.clear()
    await run(yard.sync)
    for (const train of trains) {
      await run(yard.command('release', train))
      for (const channel of size.channels) await run(yard.command('promote', `${train}/${channel}`))
    }
    await run(yard.command('lock'))
    // It ends with 0 only when it has found nothing to do.
    const command = yard.command('plan')
    const figures = await measureInTurns(
      settings,
      'plan',
      [{ who: ours, command }],
      Math.max(settings.runs, 10),
    )
    return {
      figures,
      targets: [below(0.2, figures[0]!)],
      notes: [
        `The whole process, on ${size.trains} trains of ${size.repositories} repositories and ${size.channels.length} channels each. Nothing of it depends on how many packages there are: it reads refs, and opens neither the database nor a tree.`,
      ],
    }
  },
}
