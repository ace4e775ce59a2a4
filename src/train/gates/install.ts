import { YardError } from '../../model/index.ts'
import { withSandbox } from '../../sandbox/index.ts'
import { aptMachines } from '../install/apt-machine.ts'
import { attemptsOf } from '../install/attempt.ts'
import { offerOf } from '../install/client-sources.ts'
import { dnfMachines } from '../install/dnf-machine.ts'
import { type InstallOptions, installOptions } from '../install/install-options.ts'
import type { MachineMaker, Workshop } from '../install/machine.ts'
import { trialsOf } from '../install/trials.ts'
import { type Tried, trySets } from '../install/try-sets.ts'
import type { Gate, GateSubject, Judgement } from './gate.ts'

/** For putting away what was made. */
const tidySeconds = 60

export const install: Gate<InstallOptions> = {
  name: 'install',
  help: "Real apt or dnf installs packages in a clean root, upgrades them from the channel's current release, and goes back.",
  options: installOptions,
  bare: undefined,
  limitSeconds: ({ timeout }) => timeout + tidySeconds,
  judge: (subject, options) =>
    withSandbox(async sandbox => {
      const attempt = attemptsOf(subject, options.timeout)
      return tryAll({ subject, options, sandbox, attempt })
    }),
}

const makers: { [format in 'apt' | 'dnf']: (workshop: Workshop) => Promise<MachineMaker> } = {
  apt: aptMachines,
  dnf: dnfMachines,
}

async function tryAll(workshop: Workshop): Promise<Judgement> {
  const { subject, options } = workshop
  const { current } = subject
  const candidate = await offerOf(subject, subject, options)
  const offers = {
    candidate,
    ...(current === undefined ? {} : { current: await offerOf(subject, current, options) }),
  }
  const tried: Tried = { steps: 0, findings: [] }
  for (const format of ['apt', 'dnf'] as const) {
    if (candidate[format].length === 0) continue
    const hasCurrent = (offers.current?.[format].length ?? 0) > 0
    const trials = trialsOf(options.sets, { ...options, hasCurrent })
    const { steps, findings } = await trySets(trials, offers, await makers[format](workshop), subject.log)
    tried.steps += steps
    tried.findings.push(...findings)
  }
  return judged(tried, subject)
}

function judged({ steps, findings }: Tried, { train }: GateSubject): Judgement {
  if (steps + findings.length === 0)
    throw new YardError('configuration', `${train.name} has no repository to install from`)
  const inputs = { steps, failed: findings.length }
  const plural = steps === 1 ? 'step' : 'steps'
  if (findings.length === 0)
    return { passed: true, summary: `${steps} ${plural} went well`, findings, inputs }
  return {
    passed: false,
    summary: `${findings.length} of ${steps + findings.length} steps failed`,
    findings,
    remedy: 'hold the packages that are named, or cut a new release once they are mended',
    inputs,
  }
}
