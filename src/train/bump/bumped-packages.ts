import { type Hold, type Name, textOfByteString, YardError } from '../../model/index.ts'
import { type Chosen, isNamedBy, type PackageChange, type SnapshotDiff } from '../../repository/index.ts'

/** A package that a bump changes. */
export interface BumpedPackage {
  repository: Name
  name: string
  architecture: string
  /** Undefined: it comes new. */
  before?: string
  /** Undefined: it goes. */
  after?: string
  /** The pattern that led to it. */
  by: string
  /** False: dependencies force it to come along. */
  asked: boolean
}

type Diffs = readonly { repository: Name; diff: SnapshotDiff }[]

/** What was asked for first, each by name. */
export function bumpedPackages({ names }: Chosen, diffs: Diffs): BumpedPackage[] {
  const chosen = new Map(names.map(one => [one.name, one]))
  const packages = diffs.flatMap(({ repository, diff }) =>
    diff.packages.flatMap((change): BumpedPackage[] => {
      const one = chosen.get(change.name)
      if (one === undefined || change.family === 'deb-src') return []
      const { before, after } = change
      return [
        {
          repository,
          name: textOfByteString(change.name),
          architecture: textOfByteString((after ?? before)!.architecture),
          ...(before === undefined ? {} : { before: textOfByteString(before.version) }),
          ...(after === undefined ? {} : { after: textOfByteString(after.version) }),
          by: one.by,
          asked: one.asked,
        },
      ]
    }),
  )
  return packages.sort((a, b) => Number(b.asked) - Number(a.asked))
}

/** What a person should know before such a release goes anywhere. */
export function bumpNotes({ open }: Chosen, diffs: Diffs): string[] {
  const down = diffs
    .flatMap(({ diff }) => diff.packages)
    .filter(({ kind, family }) => kind === 'downgraded' && family !== 'deb-src')
  return [
    ...down.map(
      change =>
        `${shown(change)} goes DOWN to ${textOfByteString(change.after!.version)}: the newest snapshot is older than what the channel has`,
    ),
    ...open.map(
      ({ package: name, version, dependency }) =>
        `${textOfByteString(name)} ${textOfByteString(version)} cannot be installed after it: nothing satisfies ${textOfByteString(dependency)}`,
    ),
  ]
}

/** @throws YardError `refused` when a package that would move is held. */
export function checkNotHeld(train: Name, { moved }: Chosen, holds: readonly Hold[]): void {
  const { apt, dnf } = moved
  const names = [apt.packages, apt.sources, dnf.packages, dnf.sources].flatMap(set => [...set])
  for (const hold of holds) {
    const name = names.find(one => isNamedBy({ name: one, source: one }, [hold.package]))
    if (name === undefined) continue
    const place = hold.channel === undefined ? train : `${train}/${hold.channel}`
    throw new YardError(
      'refused',
      `${textOfByteString(name)} is held in ${place} until ${hold.until} by ${hold.who} (${hold.why}); nothing was cut`,
      { hint: `to bump it all the same, first run \`switchyard unhold ${place} '${hold.package}'\`` },
    )
  }
}

function shown({ name, before }: PackageChange): string {
  return `${textOfByteString(name)} ${textOfByteString(before!.version)}`
}
