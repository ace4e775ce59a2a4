import type { PackageSet } from './install-options.ts'

/** Which of the two releases. */
export type Side = 'candidate' | 'current'

/** One thing that is tried on a machine, in the order of a trial. */
export interface Step {
  verb: 'install' | 'upgrade' | 'downgrade'
  to: Side
}

/** What is tried on one clean machine, which is made from the release that its first step installs from. */
export interface Trial {
  set: PackageSet
  steps: readonly Step[]
}

/** What is to be tried: every set from nothing, and where the channel has a release, from there to the candidate and back. */
export function trialsOf(
  sets: readonly PackageSet[],
  wanted: { upgrade: boolean; downgrade: boolean; hasCurrent: boolean },
): Trial[] {
  return sets.flatMap(set => chainsOf(wanted).map(steps => ({ set, steps })))
}

function chainsOf({
  upgrade,
  downgrade,
  hasCurrent,
}: {
  upgrade: boolean
  downgrade: boolean
  hasCurrent: boolean
}): Step[][] {
  const fresh: Step = { verb: 'install', to: 'candidate' }
  const back: Step = { verb: 'downgrade', to: 'current' }
  if (!hasCurrent) return [[fresh]]
  if (!upgrade) return [downgrade ? [fresh, back] : [fresh]]
  const there: Step[] = [
    { verb: 'install', to: 'current' },
    { verb: 'upgrade', to: 'candidate' },
  ]
  return [[fresh], downgrade ? [...there, back] : there]
}
