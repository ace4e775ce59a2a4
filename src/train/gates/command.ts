import { posix } from 'node:path'
import {
  defaulting,
  duration,
  list,
  mapped,
  object,
  required,
  shortOrLong,
  text,
  timeout,
} from '../../config/index.ts'
import type { Name, ReleaseRecord } from '../../model/index.ts'
import { type ProgramResult, runProgram } from '../../sandbox/index.ts'
import type { Gate, GateSubject, Judgement } from './gate.ts'
import { timeText } from './time-text.ts'

export interface Command {
  /** The program and its arguments; no shell reads them. */
  run: string[]
  /** Seconds that it may take. */
  within: number
  /** Seconds for which a verdict that passed counts again. */
  countsFor: number
}

const argument = text('a program or an argument of at most 4096 characters', value =>
  value.includes('\0') || value.length > 4096 ? undefined : value,
)
const argv = mapped(
  list('a list: a program and its arguments', argument, { least: 1, most: 1000, repeats: true }),
  items => items.map(({ value }) => value),
)
const usualSeconds = 600

const long = mapped(
  object('a map with `run`', {
    run: required(argv, 'The program and its arguments; no shell reads them. Paths start from the yard.'),
    within: defaulting(timeout, usualSeconds, 'How long it may take. Default: 10m.'),
    'counts-for': defaulting(
      duration,
      0,
      'How long a verdict that passed counts again, while the channel stays where it was. Default: 0s, it is run each time.',
    ),
  }),
  ({ run, within, 'counts-for': countsFor }): Command => ({ run, within, countsFor }),
)
const short = mapped(argv, (run): Command => ({ run, within: usualSeconds, countsFor: 0 }))

/** Of what it prints, in bytes: with the line that says how much is missing it fits the log, which is not cut again. */
const outputLimit = 1024 * 1024 - 1024
/** Of its last lines, which say the most of why it refuses; each is cut to so many characters. */
const linesShown = 5
const longestShown = 300
/** Beside the program's own time: for it to be told to end, and to end. */
const spareSeconds = 30

export const command: Gate<Command> = {
  name: 'command',
  help: 'A program of your own; exit status 0 passes. It gets the release as JSON on standard input, and URLs to install from.',
  options: shortOrLong(short, long),
  bare: undefined,
  limitSeconds: ({ within }) => within + spareSeconds,
  countsForSeconds: ({ countsFor }) => countsFor,
  async judge(subject, { run, within }) {
    const told = await whatItIsTold(subject)
    const [program, ...args] = run
    const result = await runProgram({
      command: program!,
      args,
      input: `${JSON.stringify(told)}\n`,
      environment: environmentOf(told),
      cwd: posix.dirname(subject.context.configuration.file),
      timeLimit: within,
      outputLimit,
      signal: subject.signal,
    })
    if (result.output !== '') subject.log(result.output.replace(/\n$/, ''))
    return judgeProgram(run, result, within)
  },
}

/** The release as JSON for programs: a stable interface (docs/gates.md). */
interface Told {
  train: Name
  release: string
  channel: Name
  /** The release that the channel is at; null: none yet. */
  current: string | null
  repositories: { [name: Name]: ToldRepository }
  record: ReleaseRecord
}

interface ToldRepository {
  format: 'apt' | 'dnf'
  snapshot: string
  /** Base URLs of it in this release, and in the one that the channel is at. */
  url: string
  currentUrl: string | null
}

async function whatItIsTold({
  train,
  channel,
  release,
  snapshots,
  current,
  urlOf,
}: GateSubject): Promise<Told> {
  const repositories: Told['repositories'] = {}
  for (const [name, { format, repository, timestamp }] of snapshots)
    repositories[name] = {
      format,
      snapshot: `${repository}@${timestamp}`,
      url: await urlOf(release, name),
      currentUrl: current?.snapshots.has(name) === true ? await urlOf(current.release, name) : null,
    }
  return {
    train: train.name,
    release: `${train.name}@${release.timestamp}`,
    channel: channel.name,
    current: current === undefined ? null : `${train.name}@${current.release.timestamp}`,
    repositories,
    record: release,
  }
}

/** What a shell script needs of it without reading JSON. */
function environmentOf({ train, release, channel, current, repositories }: Told): NodeJS.ProcessEnv {
  const urls = Object.entries(repositories).flatMap(([name, { url, currentUrl }]) => {
    const key = name.toUpperCase().replace(/[^A-Z0-9]/g, '_')
    return [
      [`SWITCHYARD_URL_${key}`, url],
      ...(currentUrl === null ? [] : [[`SWITCHYARD_CURRENT_URL_${key}`, currentUrl]]),
    ]
  })
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LC_ALL: 'C.UTF-8',
    SWITCHYARD_TRAIN: train,
    SWITCHYARD_RELEASE: release,
    SWITCHYARD_CHANNEL: channel,
    ...(current === null ? {} : { SWITCHYARD_CURRENT: current }),
    ...Object.fromEntries(urls),
  }
}

/** The exit status decides, and nothing else. */
export function judgeProgram(
  run: readonly string[],
  { ended, status, signal, output }: ProgramResult,
  within: number,
): Judgement {
  const program = run[0]!
  if (ended === 'exited' && status === 0)
    return { passed: true, summary: `${program} passed it`, findings: [] }
  const lines = output.split('\n').filter(line => line.trim() !== '')
  const how =
    ended === 'timed-out'
      ? `was not done within ${timeText(within)} and was ended`
      : ended === 'cancelled'
        ? 'was cancelled'
        : status === undefined
          ? `was killed by ${signal}`
          : `exited with status ${status}`
  return {
    passed: false,
    summary: `${program} ${how}`,
    findings: lines.slice(-linesShown).map(shortened),
    remedy:
      ended === 'timed-out' ? `make it quicker, or let it have longer (\`within\`)` : `make ${program} pass`,
  }
}

function shortened(line: string): string {
  return line.length <= longestShown ? line : `${line.slice(0, longestShown)}...`
}
