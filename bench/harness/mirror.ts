import type { Command } from './run.ts'

/** A program that keeps a mirror of the archive at URL/deb. Everything but `sync` is done untimed. */
export interface Mirror {
  who: string
  /** From the upstream as it is now. */
  sync: Command
  /** Back to nothing mirrored. */
  clear(): Promise<void>
  /** Remembers the state as it is now, for `restore`. */
  keep(): Promise<void>
  restore(): Promise<void>
  check?(output: string): void
}
