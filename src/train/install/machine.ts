import type { Sandbox } from '../../sandbox/index.ts'
import type { GateSubject } from '../gates/gate.ts'
import type { Attempts } from './attempt.ts'
import type { Offer } from './client-sources.ts'
import type { InstallOptions } from './install-options.ts'
import type { Step } from './trials.ts'

/** What machines are made with. */
export interface Workshop {
  subject: GateSubject
  options: InstallOptions
  sandbox: Sandbox
  attempt: Attempts
}

/** Makes clean machines for one package manager. */
export interface MachineMaker {
  /** A machine with nothing but what an offer has for every machine; or why there can be none. */
  clean(offer: Offer): Promise<Machine | { faults: string[] }>
}

/** A clean machine, or rather its root, on which one step is taken after the other. */
export interface Machine {
  take(verb: Step['verb'], offer: Offer, packages: readonly string[]): Promise<Taken>
  /** Throws it away. */
  discard(): Promise<void>
}

/** How a step went. */
export interface Taken {
  /** One line each; nothing: all went well. */
  faults: string[]
  /** Packages that the offer does not have. */
  unknown: string[]
}
