import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What a run of the benchmark was told by its environment. */
export interface Settings {
  /** Workloads and everybody's scratch, some 10 GB: BENCH_DIR, default `~/.cache/switchyard-bench`. */
  directory: string
  /** Repetitions of every measurement: RUNS, default 3. */
  runs: number
  /** Longest wait for a quiet machine before a measurement, in seconds: QUIET, default 30. */
  quietSeconds: number
  /** The checkout. */
  checkout: string
}

/** @throws Error for a RUNS or QUIET that is no number. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const directory = resolve(environment.BENCH_DIR ?? join(homedir(), '.cache', 'switchyard-bench'))
  mkdirSync(directory, { recursive: true })
  return {
    directory,
    runs: numberOf(environment, 'RUNS', 3, 1),
    quietSeconds: numberOf(environment, 'QUIET', 30, 0),
    checkout: resolve(import.meta.dirname, '..', '..'),
  }
}

function numberOf(environment: NodeJS.ProcessEnv, name: string, fallback: number, least: number): number {
  const value = Number(environment[name] ?? fallback)
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`${name} is ${environment[name]}: a whole number from ${least} on is expected`)
  return value
}
