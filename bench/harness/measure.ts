import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from './findings.ts'
import { busySeconds, load, waitForQuiet } from './load.ts'
import { type Command, lineOf } from './run.ts'
import type { Settings } from './settings.ts'

/** One of those that do the same work. */
export interface Contender {
  who: string
  /** Untimed, before every run. */
  prepare?: () => Promise<void>
  command: Command
  /** Untimed, after every run: what it printed. Throws when the work was not done. */
  check?: (output: string) => Promise<void> | void
}

interface Sample {
  wallSeconds: number
  cpuSeconds: number
  /** Of the largest single process. */
  peakBytes: number
  /** Used meanwhile by everything else on the machine. */
  otherCpuSeconds: number
  load: number
}

/**
 * Times whole processes, turn by turn (A-B-A-B), so that whatever drifts on the machine meets all of them. Before each
 * run: its preparation, `sync`, a wait for a quiet machine.
 */
export async function measureInTurns(
  settings: Settings,
  what: string,
  contenders: Contender[],
  runs = settings.runs,
): Promise<Figure[]> {
  const samples = new Map<string, Sample[]>(contenders.map(({ who }) => [who, []]))
  for (let round = 0; round < runs; round++)
    for (const contender of contenders)
      samples.get(contender.who)!.push(await measure(settings, what, contender))
  return contenders.map(({ who, command }) => figureOf(what, who, command, samples.get(who)!))
}

async function measure(settings: Settings, what: string, contender: Contender): Promise<Sample> {
  await contender.prepare?.()
  spawnSync('sync')
  await waitForQuiet(settings.quietSeconds)
  const sample = await timed(settings, contender)
  console.error(
    `${what}: ${contender.who}: ${sample.wallSeconds.toFixed(3)} s (load ${sample.load.toFixed(1)})`,
  )
  return sample
}

async function timed(settings: Settings, { who, command, check }: Contender): Promise<Sample> {
  const logs = join(settings.directory, 'logs')
  mkdirSync(logs, { recursive: true })
  const name = who.replaceAll(/[^a-z0-9]+/gi, '-')
  const [log, times] = [join(logs, `${name}.log`), join(logs, `${name}.times`)]
  const output = openSync(log, 'w')
  const sampleLoad = load()
  const busyBefore = busySeconds()
  const begun = performance.now()
  const child = spawn('/usr/bin/time', ['-f', '%U %S %M', '-o', times, command.program, ...command.args], {
    cwd: command.cwd,
    env: { ...process.env, ...command.environment },
    stdio: ['ignore', output, output],
  })
  const [status] = (await once(child, 'exit')) as [number | null]
  const wallSeconds = (performance.now() - begun) / 1000
  const busy = busySeconds() - busyBefore
  closeSync(output)
  const printed = readFileSync(log, 'latin1')
  if (status !== 0) throw new Error(`${lineOf(command)} failed (${status}): ${printed.slice(-2000)}`)
  await check?.(printed)
  const [user, system, kibibytes] = readFileSync(times, 'latin1')
    .trim()
    .split('\n')
    .at(-1)!
    .split(' ')
    .map(Number)
  const cpuSeconds = user! + system!
  return {
    wallSeconds,
    cpuSeconds,
    peakBytes: kibibytes! * 1024,
    otherCpuSeconds: Math.max(0, busy - cpuSeconds),
    load: sampleLoad,
  }
}

function figureOf(what: string, who: string, command: Command, samples: Sample[]): Figure {
  const all = (key: keyof Sample) => samples.map(sample => sample[key])
  return {
    what,
    who,
    unit: 's',
    values: all('wallSeconds'),
    cpuSeconds: all('cpuSeconds'),
    peakBytes: Math.max(...all('peakBytes')),
    otherCpuSeconds: all('otherCpuSeconds'),
    load: all('load'),
    command: lineOf(command),
  }
}
