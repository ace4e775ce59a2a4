import { type ErrorCode, YardError } from '../../model/index.ts'
import type { Fault } from './fault.ts'
import { type Mirror, shownUrlIn } from './mirror.ts'

/** The last word of one mirror on one path. */
export interface Trial {
  mirror: Mirror
  path: string
  fault: Fault
}

const maxListed = 4

const hints: { [code in ErrorCode]?: string } = {
  incomplete: 'upstream has lost or replaced the file: sync again, or name another mirror or a fallback',
  damaged: 'the mirrors may be in the middle of an update: try again later, or name another mirror',
  unavailable: 'check URL, network and proxy of the upstream, and try again; what had arrived is used then',
}

/** The error for a file that no mirror gave: `what` names it in a sentence. */
export function failureOf(object: string, what: string, trials: readonly Trial[]): YardError {
  const code = codeOf(trials)
  const own = trials.map(trial => ('hint' in trial.fault ? trial.fault.hint : undefined)).find(Boolean)
  const hint = own ?? hints[code]
  return new YardError(code, `${object}: cannot fetch ${what}: ${listed(trials)}; nothing was changed`, {
    ...(hint === undefined ? {} : { hint }),
  })
}

function codeOf(trials: readonly Trial[]): ErrorCode {
  if (trials.every(trial => trial.fault.kind === 'absent')) return 'incomplete'
  const answered = trials.every(trial => trial.fault.kind === 'absent' || trial.fault.kind === 'differs')
  return answered ? 'damaged' : 'unavailable'
}

function listed(trials: readonly Trial[]): string {
  const shown = trials
    .slice(0, maxListed)
    .map(trial => `${shownUrlIn(trial.mirror, trial.path)}: ${trial.fault.reason}`)
  const more = trials.length - shown.length
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
}
