import { type ErrorCode, messageOf, YardError } from '../../../model/index.ts'

/**
 * What may stand behind statements that were not accepted: the attacks of the TUF specification (1.5.2), and what is no attack. Each with
 * what a person should think of it.
 */
export const suspicions = {
  'arbitrary-software': 'somebody without the keys tries to have something installed',
  'key-compromise': 'somebody holds some of the keys, but fewer than are needed',
  'wrong-software': 'signed keys disagree about what to install: one of them may be stolen',
  rollback: 'older statements are shown than were seen before',
  'fast-forward': 'statements from the future are shown, to shut out those that follow',
  freeze: 'what is shown has expired: news is held back, or nobody signs any more',
  'mix-and-match': 'parts of different states are shown as if they belonged together',
  'endless-data': 'a file goes on for ever',
  'slow-retrieval': 'a file comes so slowly that it would never be there',
  'clock-suspect': "this machine's clock cannot be right, so nothing can be said of what has expired",
  damaged: 'a file is cut off or is not what it should be; it may be on its way still',
  unavailable: 'the statements could not be had',
} as const satisfies Record<string, string>

export type SuspicionName = keyof typeof suspicions

const codes: Partial<Record<SuspicionName, ErrorCode>> = {
  freeze: 'stale',
  'clock-suspect': 'stale',
  unavailable: 'unavailable',
  'slow-retrieval': 'unavailable',
  damaged: 'invalid',
}

/** Why statements were not accepted. A source may throw one itself (`slow-retrieval`). */
export class Suspicion extends YardError {
  readonly suspicion: SuspicionName
  /** The file, as it lies in the departures. */
  readonly object: string
  readonly why: string

  constructor(suspicion: SuspicionName, object: string, why: string, cause?: unknown) {
    super(
      codes[suspicion] ?? 'untrusted',
      `${object}: ${harmless(why)} (${suspicion}: ${suspicions[suspicion]}); what was trusted before stays`,
      { cause },
    )
    this.suspicion = suspicion
    this.object = object
    this.why = harmless(why)
  }
}

/** What hostile metadata says about itself goes to logs and terminals: as one short line, in characters that move nothing. */
function harmless(text: string): string {
  const line = text.replace(/[^\P{C}]/gu, '?')
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

/** What a failed fetch says. */
export function suspicionOf(error: unknown, object: string): Suspicion {
  return error instanceof Suspicion ? error : new Suspicion('unavailable', object, messageOf(error), error)
}
