import { type AdvisoryPackage, parseEvr } from '../../../formats/index.ts'
import { type ByteString, type Digest, digestOf } from '../../../model/index.ts'
import { type Edit, encodePackageKey, packagePrefix, prefixRange } from '../../../tree/index.ts'
import type { DnfCandidate } from './candidates.ts'
import type { GroupDocuments } from './group-documents.ts'
import { reducedAdvisory } from './reduce-advisory.ts'
import { reducedComps } from './reduce-comps.ts'
import { reducedModules } from './reduce-modules.ts'

/** Families of a tree of ours whose entries speak of several packages. */
export const groupFamilies = ['rpm-comps', 'rpm-modules', 'rpm-updateinfo'] as const

type GroupFamily = (typeof groupFamilies)[number]

/** `name-epoch:version-release.arch` with an epoch always, as modules name their artifacts. */
export function nevraOf({ name, version, architecture }: DnfCandidate): ByteString {
  const { epoch = '0', version: upstream, release } = parseEvr(version)
  return `${name}-${epoch}:${upstream}-${release}.${architecture}`
}

export function nevraOfAdvised({ name, epoch, version, release, arch }: AdvisoryPackage): ByteString {
  return `${name}-${epoch}:${version}-${release}.${arch}`
}

/** Edits that make a tree say what the inputs say of those packages together, and nothing of others. */
export function groupEdits(
  { advisories, comps, modules }: GroupDocuments,
  packages: readonly DnfCandidate[],
): Edit[] {
  const names = new Set(packages.map(({ name }) => name))
  const nevras = new Set(packages.map(nevraOf))
  const entries = [
    ...advisories.flatMap(({ read, fragment }) => {
      const left = reducedAdvisory(fragment, one => nevras.has(nevraOfAdvised(one)), read.id)
      return left === undefined ? [] : [entryOf('rpm-updateinfo', 'update', read.id, left)]
    }),
    ...reducedComps(comps, name => names.has(name)).map(({ kind, id, fragment }) =>
      entryOf('rpm-comps', kind, id, fragment),
    ),
    ...reducedModules(modules, artifact => nevras.has(artifact)).map(({ read, bytes }) =>
      entryOf('rpm-modules', read.kind, read.kind === 'other' ? read.document : read.name, begun(bytes)),
    ),
  ]
  return groupFamilies.map(family => ({
    ...prefixRange(packagePrefix(family)),
    entries: entries
      .filter(entry => entry.family === family)
      .map(({ key, value }) => ({ key, value }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .filter(({ key }, i, all) => key !== all[i - 1]?.key),
  }))
}

/** A stream's first document may begin without the line that tells it from the one before. */
function begun(document: Buffer): Buffer {
  return document.subarray(0, 3).toString() === '---'
    ? document
    : Buffer.concat([Buffer.from('---\n'), document])
}

function entryOf(family: GroupFamily, kind: string, name: ByteString, value: Buffer) {
  const digest = digestOf(value) as Digest
  const key = encodePackageKey({
    family,
    suite: '',
    component: '',
    architecture: kind,
    name,
    version: '',
    digest,
  })
  return { family, key, value }
}
