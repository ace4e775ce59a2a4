import { type Command, run } from './run.ts'

/** A program that keeps a mirror of an upstream. Everything but `sync` is done untimed. */
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

/** Has a mirror hold the upstream as it is now, and nothing else. */
export async function syncFresh(mirror: Mirror): Promise<void> {
  await mirror.clear()
  await run(mirror.sync)
}
