import { parseEvr, readPackageStanza } from '../../formats/index.ts'
import type { ByteString, SnapshotRecord } from '../../model/index.ts'
import { decodePackageKey, leaves, packagePrefix, prefixRange } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import { fragmentsOfValue, sourcePackageOf } from '../rpm-listings.ts'
import { addToOffer, createOffer, type Offer, type OfferedPackage } from './offer.ts'

/** What hosts can install from some snapshots together, read in one pass over each packages tree. Source packages do not count. */
export async function readOffer(
  context: RepositoryContext,
  snapshots: Iterable<SnapshotRecord>,
): Promise<Offer> {
  const offer = createOffer()
  for (const record of snapshots)
    for (const family of ['deb', 'rpm'] as const)
      for await (const leaf of leaves(context.trees, record.packages, prefixRange(packagePrefix(family))))
        for (const { key, value } of leaf) {
          const offered = family === 'deb' ? debOffered(key, value) : rpmOffered(key, value)
          if (offered !== undefined) addToOffer(offer, offered)
        }
  return offer
}

function debOffered(key: ByteString, value: Uint8Array): OfferedPackage {
  const { name, version, architecture: ofIndex } = decodePackageKey(key)
  const stanza = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const { source, sourceVersion, architecture: own } = readPackageStanza(stanza, name)
  // The index of a flat repository is for every architecture.
  const architecture = ofIndex === '' ? own : ofIndex
  return { family: 'deb', name, architecture, version, source, sourceVersion }
}

function rpmOffered(key: ByteString, value: Uint8Array): OfferedPackage | undefined {
  const { name, version, architecture } = decodePackageKey(key)
  if (architecture === 'src' || architecture === 'nosrc') return undefined
  const built = sourcePackageOf(fragmentsOfValue(value)[0]!, name)
  return {
    family: 'rpm',
    name,
    architecture,
    version,
    source: built?.name ?? name,
    sourceVersion: built === undefined ? version : sourceVersionOf(built.version, version),
  }
}

/**
 * The file name of a source package has no epoch: that of a package with the same version and release is taken, and none where
 * a package has a version of its own.
 */
function sourceVersionOf(source: ByteString, version: ByteString): ByteString {
  const own = parseEvr(version)
  return `${own.version}-${own.release}` === source ? version : source
}
