import { type Advisory, advisoryTime, formatEvr } from '../../formats/index.ts'
import { type ByteString, type Timestamp, textOfByteString as text, timestampOf } from '../../model/index.ts'
import { compareVersions } from '../compare-versions.ts'
import type { PackageChange } from '../package-changes.ts'
import { cvesIn } from './cves.ts'
import { type Need, strongestNeed } from './needs.ts'

/** An advisory that comes in; all that it says is text. */
export interface AdvisoryChange {
  /** `updated`: it was there already, and says that it was updated since. */
  kind: 'new' | 'updated'
  id: string
  /** `security`, `bugfix`, `enhancement`, `newpackage` or another word. */
  type: string
  /** As its publisher grades it; empty where it does not. */
  severity: string
  title: string
  cves: string[]
  /** How many reports of bugs it refers to. */
  bugs: number
  issued?: Timestamp
  updated?: Timestamp
  /** What it suggests after the update, for any of its packages. */
  needs?: Need
  /** The packages among the changes that bring what it asks for, in their new version. */
  packages: AdvisoryPackageChange[]
}

export interface AdvisoryPackageChange {
  name: ByteString
  architecture: ByteString
  version: ByteString
  /** What the advisory suggests for this package. */
  needs?: Need
}

/** Which advisories there were, each with what it said of its last update. */
export interface KnownAdvisories {
  add(advisory: Advisory): void
  /** What an advisory is beside those; undefined when it is one of them. */
  kindOf(advisory: Advisory): AdvisoryChange['kind'] | undefined
}

export function createKnownAdvisories(): KnownAdvisories {
  const known = new Map<ByteString, Set<ByteString>>()
  return {
    add(advisory) {
      const updates = known.get(advisory.id) ?? new Set()
      known.set(advisory.id, updates.add(updateOf(advisory)))
    },
    kindOf(advisory) {
      const updates = known.get(advisory.id)
      if (updates === undefined) return 'new'
      return updates.has(updateOf(advisory)) ? undefined : 'updated'
    },
  }
}

/** The same moment may be written in several ways. */
function updateOf({ updated }: Advisory): string {
  return String(advisoryTime(updated) ?? updated)
}

/** The changes of RPM packages that bring a version, by name and architecture. */
export type Brought = ReadonlyMap<string, readonly PackageChange[]>

export function broughtBy(changes: readonly PackageChange[]): Brought {
  return Map.groupBy(
    changes.filter(({ family, after }) => family === 'rpm' && after !== undefined),
    ({ name, after }) => `${name}\0${after!.architecture}`,
  )
}

/** What is told of an advisory that comes in. */
export function advisoryChange(
  kind: AdvisoryChange['kind'],
  advisory: Advisory,
  brought: Brought,
): AdvisoryChange {
  const asked = advisory.collections.flatMap(({ packages }) => packages)
  const issued = timeOf(advisory.issued)
  const updated = timeOf(advisory.updated)
  const needs = strongestNeed(asked.map(needIn))
  return {
    kind,
    id: text(advisory.id),
    type: text(advisory.type),
    severity: text(advisory.severity),
    title: text(advisory.title),
    cves: cvesOf(advisory),
    bugs: new Set(advisory.references.filter(({ type }) => type === 'bugzilla').map(({ id }) => id)).size,
    ...(issued === undefined ? {} : { issued }),
    ...(updated === undefined ? {} : { updated }),
    ...(needs === undefined ? {} : { needs }),
    packages: packagesOf(asked, brought),
  }
}

/** One advisory from two documents, or twice from one: what the first says, for the packages of both. */
export function joined(first: AdvisoryChange, second: AdvisoryChange): AdvisoryChange {
  const needs = strongestNeed([first.needs, second.needs])
  return {
    ...first,
    ...(needs === undefined ? {} : { needs }),
    packages: once([...first.packages, ...second.packages]),
  }
}

/** Security first, by severity, then by id. */
export function sortedAdvisories(changes: Iterable<AdvisoryChange>): AdvisoryChange[] {
  const rank = ({ type, severity }: AdvisoryChange) =>
    (type.toLowerCase() === 'security' ? 0 : 100) + severityRank(severity)
  return [...changes].sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
}

/** 0 for the worst. Red Hat's words, and those that others use for the same. */
export function severityRank(severity: string): number {
  const words = [['critical'], ['important', 'high', 'urgent'], ['moderate', 'medium'], ['low']]
  const rank = words.findIndex(same => same.includes(severity.toLowerCase()))
  return rank < 0 ? words.length : rank
}

/** What its references of that type name; when there are none, what all of its prose names. */
function cvesOf({ references, title, summary, description }: Advisory): string[] {
  const named = cvesIn(references.filter(({ type }) => type === 'cve').flatMap(one => [one.id, one.title]))
  return named.length > 0 ? named : cvesIn([title, summary, description, ...references.map(one => one.title)])
}

function timeOf(date: ByteString): Timestamp | undefined {
  const milliseconds = advisoryTime(date)
  return milliseconds === undefined ? undefined : timestampOf(milliseconds)
}

type Asked = Advisory['collections'][number]['packages'][number]

/** A change brings what is asked for when it goes from an older version to that one or a newer one. */
function packagesOf(asked: readonly Asked[], brought: Brought): AdvisoryPackageChange[] {
  const found = asked.flatMap(one => {
    const version = formatEvr(one)
    const needs = needIn(one)
    return (brought.get(`${one.name}\0${one.arch}`) ?? [])
      .filter(
        ({ before, after }) =>
          compareVersions('rpm', after!.version, version) >= 0 &&
          (before === undefined || compareVersions('rpm', before.version, version) < 0),
      )
      .map(({ name, after }) => ({
        name,
        architecture: after!.architecture,
        version: after!.version,
        ...(needs === undefined ? {} : { needs }),
      }))
  })
  return once(found)
}

function once(packages: readonly AdvisoryPackageChange[]): AdvisoryPackageChange[] {
  return [...new Map(packages.map(one => [identityOf(one), one])).values()].sort((a, b) =>
    identityOf(a) < identityOf(b) ? -1 : 1,
  )
}

function identityOf({ name, architecture, version }: AdvisoryPackageChange): string {
  return `${name}\0${architecture}\0${version}`
}

function needIn({ rebootSuggested, restartSuggested, reloginSuggested }: Asked): Need | undefined {
  if (rebootSuggested) return 'reboot'
  if (restartSuggested) return 'restart'
  return reloginSuggested ? 'relogin' : undefined
}
