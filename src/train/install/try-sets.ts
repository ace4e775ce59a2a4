import type { Offer } from './client-sources.ts'
import type { Machine, MachineMaker } from './machine.ts'
import type { Side, Step, Trial } from './trials.ts'

/** What became of all trials with one package manager. */
export interface Tried {
  /** Steps that went well. */
  steps: number
  /** One for each step that did not. */
  findings: string[]
}

/** Takes the steps of every trial; a step that fails ends its trial, and not the others. */
export async function trySets(
  trials: readonly Trial[],
  offers: { [side in Side]?: Offer },
  maker: MachineMaker,
  log: (line: string) => void,
): Promise<Tried> {
  const tried: Tried = { steps: 0, findings: [] }
  for (const trial of trials) {
    const first = offers[trial.steps[0]!.to]!
    log(`# ${trial.set.name}: ${trial.steps.map(({ verb }) => verb).join(', ')}`)
    const machine = await maker.clean(first)
    if ('faults' in machine) {
      tried.findings.push(`${trial.set.name}: no clean root of ${first.name}: ${machine.faults.join('; ')}`)
      continue
    }
    await take(trial, offers, machine, tried, log)
    await machine.discard()
  }
  return tried
}

async function take(
  { set, steps }: Trial,
  offers: { [side in Side]?: Offer },
  machine: Machine,
  tried: Tried,
  log: (line: string) => void,
): Promise<void> {
  let known = set.packages
  for (const { verb, to } of steps) {
    const offer = offers[to]!
    const isNew = verb === 'upgrade'
    let taken = await machine.take(verb, offer, isNew ? set.packages : known)
    // What the channel does not have yet cannot be upgraded from there.
    if (to === 'current' && taken.unknown.length > 0) {
      known = known.filter(name => !taken.unknown.includes(name))
      log(`${set.name}: ${offer.name} does not have ${taken.unknown.join(' ')} yet`)
      if (known.length === 0) return
      taken = await machine.take(verb, offer, known)
    }
    if (taken.faults.length > 0) {
      tried.findings.push(`${set.name}: ${told(verb, offer)}: ${taken.faults.join('; ')}`)
      return
    }
    tried.steps++
  }
}

function told(verb: Step['verb'], { name }: Offer): string {
  return verb === 'install' ? `install from ${name}` : `${verb} to ${name}`
}
