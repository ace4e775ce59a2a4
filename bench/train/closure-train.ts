import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../harness/claim.ts'
import { createYard } from '../harness/our-yard.ts'
import { type Command, run, shell } from '../harness/run.ts'

/** A train of one mirror, with a release of each of two days, before a channel with the gate `closure`. */
export interface ClosureTrain {
  /** The state before the first day's check, or after it and before the second's. */
  prepare(day: 0 | 1): Promise<void>
  /** Judges the release of that day. */
  gate(day: 0 | 1): Command
  /** All that the gate found last, a line each. */
  findings(day: 0 | 1): Promise<string[]>
}

/** `mirror`: two-space YAML of a repository `upstream`, whose URL ends with `/NAME`. */
export async function closureTrain(
  { settings, nginx }: Bench,
  name: string,
  days: [string, string],
  mirror: string,
): Promise<ClosureTrain> {
  const train =
    'trains:\n  web:\n    repositories: [upstream]\n    channels: { staging: { gates: [closure] } }\n    complete: fetchable\n'
  const yard = createYard(settings, name, `keys: { algorithm: ed25519 }\nrepositories:\n${mirror}${train}`)
  const releases: string[] = []
  await yard.clear()
  for (const day of days) {
    nginx.show(name, day)
    await run(yard.sync)
    const { release } = JSON.parse(await run(yard.command('release', 'web', '--json')))
    releases.push(`web@${release.timestamp}`)
  }
  const memory = join(yard.directory, 'refs/trains/web/closure.json')
  const kept = `${yard.directory}.closure.json`
  rmSync(memory, { force: true })
  const gate = (day: 0 | 1): Command => {
    // A release that does not pass is an answer, too.
    const { program, args } = yard.command('gate', releases[day]!, '--anew', '--json')
    return shell(`'${program}' ${args.map(arg => `'${arg}'`).join(' ')} || [ $? = 3 ]`)
  }
  await run(gate(0))
  cpSync(memory, kept)
  return {
    gate,
    async findings(day) {
      const show = ['--channel', 'staging', '--show', 'closure']
      const lines = (await run(yard.command('gate', releases[day]!, ...show))).split('\n')
      return lines.filter(line => /^\S+: /.test(line))
    },
    async prepare(day) {
      if (day === 0) rmSync(memory, { force: true })
      else cpSync(kept, memory)
    },
  }
}
