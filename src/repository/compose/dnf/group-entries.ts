import { type AdvisoryPackage, parseEvr } from '../../../formats/index.ts'
import { type ByteString, type Digest, digestOf } from '../../../model/index.ts'
import { type Edit, encodePackageKey, packagePrefix, prefixRange } from '../../../tree/index.ts'
import type { DnfCandidate } from './candidates.ts'
import type { GroupDocuments, WrittenAdvisory } from './group-documents.ts'
import { reducedAdvisory } from './reduce-advisory.ts'
import { reducedComps } from './reduce-comps.ts'
import { reducedModules, type WrittenModule } from './reduce-modules.ts'

/** Families of a tree of ours whose entries speak of several packages. */
export const groupFamilies = ['rpm-comps', 'rpm-modules', 'rpm-updateinfo'] as const

type GroupFamily = (typeof groupFamilies)[number]

/** `name-epoch:version-release.arch` with an epoch always, as modules name their artifacts. */
export function nevraOf({
  name,
  version,
  architecture,
}: Pick<DnfCandidate, 'name' | 'version' | 'architecture'>): ByteString {
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
      return left === undefined ? [] : [advisoryEntry({ read, fragment: left })]
    }),
    ...reducedComps(comps, name => names.has(name)).map(({ kind, id, fragment }) =>
      entryOf('rpm-comps', kind, id, fragment),
    ),
    ...reducedModules(modules, artifact => nevras.has(artifact)).map(moduleEntry),
  ]
  return groupFamilies.map(family => editOf(family, entries))
}

/** The edit that makes a tree have these advisories. */
export function advisoryEntries(advisories: readonly WrittenAdvisory[]): Edit {
  return editOf('rpm-updateinfo', advisories.map(advisoryEntry))
}

/** The edit that makes a tree have these documents of modules. */
export function moduleEntries(modules: readonly WrittenModule[]): Edit {
  return editOf('rpm-modules', modules.map(moduleEntry))
}

type GroupEntry = ReturnType<typeof entryOf>

function editOf(family: GroupFamily, entries: readonly GroupEntry[]): Edit {
  return {
    ...prefixRange(packagePrefix(family)),
    entries: entries
      .filter(entry => entry.family === family)
      .map(({ key, value }) => ({ key, value }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .filter(({ key }, i, all) => key !== all[i - 1]?.key),
  }
}

function advisoryEntry({ read, fragment }: WrittenAdvisory): GroupEntry {
  return entryOf('rpm-updateinfo', 'update', read.id, fragment)
}

function moduleEntry({ read, bytes }: WrittenModule): GroupEntry {
  return entryOf(
    'rpm-modules',
    read.kind,
    read.kind === 'other' ? read.document : read.name,
    begunModule(bytes),
  )
}

/** A stream's first document may begin without the line that tells it from the one before. */
export function begunModule(document: Buffer): Buffer {
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
