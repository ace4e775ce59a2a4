import type { ByteString } from '../../model/index.ts'
import { compareVersions } from '../compare-versions.ts'

/** A package that hosts install, as an index lists it. */
export interface OfferedPackage {
  family: 'deb' | 'rpm'
  name: ByteString
  /** Of the index for apt, where neutral packages stand among those of each architecture; else the package's own. */
  architecture: ByteString
  version: ByteString
  source: ByteString
  /** Of the source package. */
  sourceVersion: ByteString
}

/** What one side of a comparison offers: the highest version of everything. */
export interface Offer {
  /** By family and name of the source package. */
  sources: Map<string, OfferedSource>
  /** By family and name, then by architecture. */
  packages: Map<string, Map<ByteString, InstallableVersion>>
  /** That packages are for, without the neutral ones. */
  architectures: Set<ByteString>
}

export interface OfferedSource {
  family: 'deb' | 'rpm'
  name: ByteString
  version: ByteString
  /** Names of the packages that are built from it, in any version. */
  packages: Set<ByteString>
}

export interface InstallableVersion {
  version: ByteString
  source: ByteString
}

export function createOffer(): Offer {
  return { sources: new Map(), packages: new Map(), architectures: new Set() }
}

/** Adds a package to what a side offers; lesser versions are forgotten at once. */
export function addToOffer(offer: Offer, offered: OfferedPackage): void {
  const { family, name, architecture, version, source, sourceVersion } = offered
  if (!isNeutral(architecture)) offer.architectures.add(architecture)
  const sourceKey = offerKey(family, source)
  const known = offer.sources.get(sourceKey)
  if (known === undefined)
    offer.sources.set(sourceKey, { family, name: source, version: sourceVersion, packages: new Set([name]) })
  else {
    if (isHigher(family, sourceVersion, known.version)) known.version = sourceVersion
    known.packages.add(name)
  }
  const key = offerKey(family, name)
  const versions = offer.packages.get(key) ?? new Map<ByteString, InstallableVersion>()
  if (versions.size === 0) offer.packages.set(key, versions)
  const best = versions.get(architecture)
  if (best === undefined || isHigher(family, version, best.version))
    versions.set(architecture, { version, source })
}

export function offerKey(family: OfferedPackage['family'], name: ByteString): string {
  return `${family}\0${name}`
}

/**
 * What a host of an architecture gets under a name: the highest version among packages for it and neutral ones. A host of a
 * neutral architecture is one that sees neutral packages only.
 */
export function installable(
  offer: Offer,
  key: string,
  architecture: ByteString,
): InstallableVersion | undefined {
  const versions = offer.packages.get(key)
  if (versions === undefined) return undefined
  const family = key.startsWith('deb\0') ? 'deb' : 'rpm'
  let best = versions.get(architecture)
  for (const neutral of neutralArchitectures) {
    const other = versions.get(neutral)
    if (other !== undefined && (best === undefined || isHigher(family, other.version, best.version)))
      best = other
  }
  return best
}

const neutralArchitectures: readonly ByteString[] = ['all', 'noarch']

function isNeutral(architecture: ByteString): boolean {
  return neutralArchitectures.includes(architecture)
}

function isHigher(family: string, a: ByteString, b: ByteString): boolean {
  return a !== b && compareVersions(family, a, b) > 0
}
