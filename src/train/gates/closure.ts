import { choice, defaulting, glob, list, mapped, name, object, optional } from '../../config/index.ts'
import { type ByteString, type Name, type SnapshotRecord, textOfByteString } from '../../model/index.ts'
import {
  type ClosureProblem,
  type ClosureVerdict,
  checkClosure,
  findSnapshot,
  globMatcher,
  readClosureMemory,
  writeClosureMemory,
} from '../../repository/index.ts'
import type { TrainContext } from '../context.ts'
import type { Gate, Judgement } from './gate.ts'

export interface Closure {
  /** Only problems that the channel's release does not have. */
  only: 'new' | undefined
  /** Globs over package names whose problems do not count. */
  ignore: ByteString[]
  /** Repositories of the yard that hosts have beside the train's. */
  with: Name[]
}

const values = <T>(items: { value: T }[]) => items.map(({ value }) => value)

export const closure: Gate<Closure> = {
  name: 'closure',
  help: 'Every package finds what it depends on inside the release: of APT it can be installed, without conflicts and with everything essential; of RPM every requirement is provided.',
  options: mapped(
    object('a map with `only`, `ignore` or `with`', {
      only: optional(
        choice('new'),
        'Only problems count that the release in the channel does not have. Default: all.',
      ),
      ignore: defaulting(
        mapped(list('a list of globs over package names', glob), values),
        [],
        'Packages whose problems do not count. Default: none.',
      ),
      with: defaulting(
        mapped(list('a list of repositories', name), values),
        [],
        'Repositories that hosts have beside those of the train: their newest snapshots satisfy, and are not judged. Default: none.',
      ),
    }),
    ({ only, ignore, with: beside }): Closure => ({ only, ignore, with: beside }),
  ),
  bare: { only: undefined, ignore: [], with: [] },
  async judge({ context, train, snapshots, current, signal, log }, options) {
    const beside = await newestOf(context, options.with, snapshots)
    const check = async (of: ReadonlyMap<Name, SnapshotRecord>) => {
      const before = await readClosureMemory(context.refs, train.name)
      const subject = { judged: [...of.values()], beside: [...beside.values()] }
      const { verdicts, memory } = await checkClosure(context, subject, before, signal)
      await writeClosureMemory(context.refs, train.name, memory)
      return verdicts
    }
    const before = options.only === 'new' && current !== undefined ? await check(current.snapshots) : []
    const verdicts = await check(snapshots)
    for (const { format, architecture, packages, problems } of verdicts)
      log(`${format} ${architecture}: ${packages} packages, ${problems.length} with a problem`)
    const inputs = Object.fromEntries(
      [...beside].map(([name, { timestamp }]) => [name, `${name}@${timestamp}`]),
    )
    return { ...judgeClosure(verdicts, before, options), inputs: { with: inputs } }
  },
  // What stands beside the train changes by itself.
  countsForSeconds: options => (options.with.length === 0 ? Number.POSITIVE_INFINITY : 0),
}

/** @throws YardError `not-found` when there is no such repository, or it has no snapshot. */
async function newestOf(
  context: TrainContext,
  names: readonly Name[],
  travelling: ReadonlyMap<Name, SnapshotRecord>,
): Promise<Map<Name, SnapshotRecord>> {
  const found = new Map<Name, SnapshotRecord>()
  for (const name of names) if (!travelling.has(name)) found.set(name, await findSnapshot(context, name))
  return found
}

/** Passes when no problem is left that counts. `before`: what was found of the release in the channel. */
export function judgeClosure(
  verdicts: readonly ClosureVerdict[],
  before: readonly ClosureVerdict[],
  { only, ignore }: Pick<Closure, 'only' | 'ignore'>,
): Judgement {
  const ignored = ignore.map(globMatcher)
  const old = new Set(before.flatMap(({ problems }) => problems.map(identityOf)))
  const packages = verdicts.reduce((sum, verdict) => sum + verdict.packages, 0)
  const all = verdicts.flatMap(({ problems }) => problems)
  const counted = all
    .filter(problem => !old.has(identityOf(problem)))
    .filter(problem => !ignored.some(matches => matches(problem.package)))
  const others = all.length - counted.length
  const rest = others === 0 ? '' : ` (${others} ${only === 'new' ? 'are known or' : 'are'} ignored)`
  const of = `of ${packages} packages`
  if (counted.length === 0)
    return { passed: true, summary: `${of} all find what they depend on${rest}`, findings: [] }
  return {
    passed: false,
    summary: `${of} ${counted.length} cannot be installed${rest}: ${commonest(counted)}`,
    findings: counted.map(problem => `${textOfByteString(problem.architecture)}: ${problem.text}`),
    remedy:
      'bring in what is missing (`with` names repositories that hosts have beside the train), hold back what asks for it, or list it under `ignore`',
  }
}

/** Versions apart, so that a new version with an old trouble is nothing new. */
function identityOf({ architecture, package: name, root }: ClosureProblem): string {
  return [architecture, name, root].join('\0')
}

/** The trouble that most of them have. */
function commonest(problems: readonly ClosureProblem[]): string {
  const counts = new Map<string, number>()
  for (const { root } of problems) counts.set(root, (counts.get(root) ?? 0) + 1)
  const [root, count] = [...counts].sort((a, b) => b[1] - a[1])[0]!
  return count === problems.length && counts.size === 1 ? root : `${root} (${count}), ...`
}
