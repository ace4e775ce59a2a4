import type { ByteString } from '../../model/index.ts'
import { compareVersions } from '../compare-versions.ts'
import {
  type InstallableVersion,
  installable,
  type Offer,
  type OfferedPackage,
  type OfferedSource,
  offerKey,
} from './offer.ts'

/** What would go up, down, vanish and come for hosts that moved from one offer to another. */
export interface SourceComparison {
  count: { upgraded: number; downgraded: number; removed: number; added: number; unchanged: number }
  /** Every source package but the unchanged ones: those that go down first, then vanish, come, go up; by name. */
  sources: SourceChange[]
  /** Packages of hosts that would go down, by name; their sources need not. */
  downgrades: PackageDowngrade[]
  /** The architectures whose packages were compared. Empty: the sides have none in common, or neutral packages only. */
  architectures: ByteString[]
}

export interface SourceChange {
  kind: 'downgraded' | 'removed' | 'added' | 'upgraded'
  family: OfferedPackage['family']
  name: ByteString
  /** The highest version that the side has. */
  before?: ByteString
  after?: ByteString
  /** How many packages are built from it, on the side that it comes from or, when it is new, goes to. */
  packages: number
  /** Without the epochs the order would be another one. */
  byEpoch?: true
  /** Of one that vanishes: the sources from which the other side builds packages of the same names. */
  replacedBy?: ByteString[]
}

export interface PackageDowngrade {
  family: OfferedPackage['family']
  name: ByteString
  source: ByteString
  before: ByteString
  after: ByteString
  /** Empty for neutral packages of sides that have no others. */
  architectures: ByteString[]
  byEpoch?: true
}

/** Compares in the order of versions of dpkg or rpm. Pure. */
export function compareOffers(from: Offer, to: Offer): SourceComparison {
  const architectures = sharedArchitectures(from, to)
  const count = { upgraded: 0, downgraded: 0, removed: 0, added: 0, unchanged: 0 }
  const sources: SourceChange[] = []
  for (const key of new Set([...from.sources.keys(), ...to.sources.keys()])) {
    const change = sourceChange(from.sources.get(key), to.sources.get(key), to)
    count[change?.kind ?? 'unchanged']++
    if (change !== undefined) sources.push(change)
  }
  return {
    count,
    sources: sources.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || byName(a, b)),
    downgrades: downgradesOf(from, to, architectures),
    architectures: architectures.filter(one => one !== neutralOnly),
  }
}

const order: readonly SourceChange['kind'][] = ['downgraded', 'removed', 'added', 'upgraded']

function sourceChange(
  before: OfferedSource | undefined,
  after: OfferedSource | undefined,
  to: Offer,
): SourceChange | undefined {
  const { family, name, packages } = (before ?? after)!
  const change = {
    family,
    name,
    ...(before === undefined ? {} : { before: before.version }),
    ...(after === undefined ? {} : { after: after.version }),
    packages: packages.size,
  }
  if (before === undefined) return { kind: 'added', ...change }
  if (after === undefined) {
    const replacedBy = buildersOf(before, to)
    return { kind: 'removed', ...change, ...(replacedBy.length === 0 ? {} : { replacedBy }) }
  }
  const direction = compareVersions(family, before.version, after.version)
  if (direction === 0) return undefined
  return {
    kind: direction < 0 ? 'upgraded' : 'downgraded',
    ...change,
    ...epochsDecide(family, before.version, after.version),
  }
}

function buildersOf({ family, packages }: OfferedSource, to: Offer): ByteString[] {
  const builders = new Set<ByteString>()
  for (const name of packages)
    for (const { source } of to.packages.get(offerKey(family, name))?.values() ?? []) builders.add(source)
  return [...builders].sort()
}

/** A host of no architecture. */
const neutralOnly: ByteString = ''

/** Those of both sides. A side of neutral packages only suits any; two such sides are compared as they are. */
function sharedArchitectures(from: Offer, to: Offer): ByteString[] {
  if (from.architectures.size === 0 && to.architectures.size === 0) return [neutralOnly]
  if (from.architectures.size === 0) return [...to.architectures].sort()
  if (to.architectures.size === 0) return [...from.architectures].sort()
  return [...from.architectures].filter(one => to.architectures.has(one)).sort()
}

function downgradesOf(from: Offer, to: Offer, architectures: readonly ByteString[]): PackageDowngrade[] {
  const found = new Map<string, PackageDowngrade>()
  for (const key of from.packages.keys())
    for (const architecture of architectures) {
      const before = installable(from, key, architecture)
      const after = before && installable(to, key, architecture)
      if (after === undefined) continue
      const [family, name] = key.split('\0') as [OfferedPackage['family'], ByteString]
      if (compareVersions(family, before!.version, after.version) <= 0) continue
      addDowngrade(found, { family, name, before: before!, after, architecture })
    }
  return [...found.values()].sort(byName)
}

/** What goes down alike on several architectures is one line. */
function addDowngrade(
  found: Map<string, PackageDowngrade>,
  one: {
    family: OfferedPackage['family']
    name: ByteString
    before: InstallableVersion
    after: InstallableVersion
    architecture: ByteString
  },
): void {
  const { family, name, before, after, architecture } = one
  const key = [family, name, before.version, after.version].join('\0')
  const known = found.get(key)
  if (known !== undefined) {
    known.architectures.push(architecture)
    return
  }
  found.set(key, {
    family,
    name,
    source: before.source,
    before: before.version,
    after: after.version,
    architectures: architecture === neutralOnly ? [] : [architecture],
    ...epochsDecide(family, before.version, after.version),
  })
}

function epochsDecide(family: string, a: ByteString, b: ByteString): { byEpoch?: true } {
  const withEpochs = Math.sign(compareVersions(family, a, b))
  const without = Math.sign(compareVersions(family, withoutEpoch(a), withoutEpoch(b)))
  return withEpochs === without ? {} : { byEpoch: true }
}

function withoutEpoch(version: ByteString): ByteString {
  return version.replace(/^[0-9]*:/, '')
}

function byName(a: { name: ByteString }, b: { name: ByteString }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
