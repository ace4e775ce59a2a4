import { type PrimaryLists, type RichDependency, readPrimaryLists, satisfies } from '../../formats/index.ts'
import type { ByteString } from '../../model/index.ts'
import { decodePackageKey } from '../../tree/index.ts'
import { isSatisfied } from '../compose/dnf/dependency-check.ts'
import { createDependencyIndex, isAll, namesIn, type Requirement } from '../compose/dnf/dependency-index.ts'
import { readGroupDocuments } from '../compose/dnf/group-documents.ts'
import { nevraOf } from '../compose/dnf/group-entries.ts'
import { remedyOf } from '../compose/dnf/remedy.ts'
import type { RepositoryContext } from '../context.ts'
import { namesBeside } from '../derive/transplant-modules.ts'
import { fragmentsOfValue, sourceOfListing } from '../rpm-listings.ts'
import type { Universe } from './forced.ts'
import { type Built, createFamilies, type Families } from './mates.ts'
import { pairedEntries, type SnapshotPair } from './read-members.ts'

export interface RpmMember extends Built {
  architecture: ByteString
  /** Of packages that come or go: what they provide and conflict with. */
  lists?: Pick<PrimaryLists, 'provides' | 'files' | 'conflicts'>
}

export interface RpmUniverse extends Universe<RpmMember, Requirement> {
  families: Families<RpmMember>
}

/**
 * What the packages of RPM repositories ask of each other. A path that no package is known to have counts as there: most of them
 * stand in filelists.xml, which is not read for this.
 */
export async function rpmUniverse(
  context: RepositoryContext,
  pairs: readonly SnapshotPair[],
  signal: AbortSignal,
): Promise<RpmUniverse> {
  const families = createFamilies<RpmMember>()
  const index = createDependencyIndex<RpmMember>()
  const askers = new Map<ByteString, Set<RpmMember>>()
  for await (const { pair, key, value, inBase, inSource } of pairedEntries(context, pairs, 'rpm')) {
    const fragment = fragmentsOfValue(value)[0]!
    const { name, version, architecture } = decodePackageKey(key)
    if (architecture === 'src' || architecture === 'nosrc') continue
    const lists = readPrimaryLists(fragment, pair.repository)
    const source = sourceOfListing(fragment, pair.repository)
    const one: RpmMember = { name, version, architecture, source, inBase, inSource }
    if (inBase !== inSource) one.lists = lists
    families.add(one)
    index.add(one, lists)
    for (const { tree } of index.needs(one).requires)
      for (const { name } of namesIn(tree)) {
        const known = askers.get(name)
        if (known === undefined) askers.set(name, new Set([one]))
        else known.add(one)
      }
  }
  const modules = await modulesOf(context, pairs, signal)
  const holds = (need: Requirement, isThere: (one: RpmMember) => boolean) =>
    isSatisfied(index, isThere, need.tree) ||
    [...namesIn(need.tree)].some(({ name }) => name.startsWith('/') && index.providers(name).length === 0)

  /** A package of the source that is all of it: one of that name before others, then by name. */
  const best = (part: RichDependency): RpmMember | undefined => {
    const found = [...namesIn(part)].flatMap(dependency =>
      index
        .providers(dependency.name)
        .filter(
          provider =>
            provider.package.inSource &&
            satisfies(provider, dependency) &&
            (part.operator === 'name' || isAll(index, provider.package, part)),
        )
        .map(provider => ({ one: provider.package, isReal: provider.package.name === dependency.name })),
    )
    return found.sort((a, b) => Number(b.isReal) - Number(a.isReal) || (a.one.name < b.one.name ? -1 : 1))[0]
      ?.one
  }
  return {
    families,
    named: families.named,
    mates: name => [
      ...families.mates(name),
      ...families
        .named(name)
        .filter(one => one.inSource && !one.inBase)
        .flatMap(one => namesBeside(modules, nevraOf(one))),
    ],
    needs: one => index.needs(one).requires,
    provided: ({ lists }) => [
      ...(lists?.provides ?? []).map(({ name }) => name),
      ...(lists?.files ?? []).map(({ path }) => path),
    ],
    asking: name => askers.get(name) ?? [],
    mentions: (need, name) => [...namesIn(need.tree)].some(dependency => dependency.name === name),
    isSatisfied: holds,
    remedy: ({ tree }, isThere) =>
      tree && remedyOf(tree, { holds: part => isSatisfied(index, isThere, part), best }),
    rejected: ({ lists }) =>
      (lists?.conflicts ?? []).flatMap(conflict =>
        conflict.evr === undefined
          ? []
          : index
              .providers(conflict.name)
              .filter(provider => satisfies(provider, conflict))
              .map(provider => provider.package),
      ),
  }
}

/** The documents of modules that the sources have. */
async function modulesOf(context: RepositoryContext, pairs: readonly SnapshotPair[], signal: AbortSignal) {
  const changed = pairs.filter(({ base, source }) => base.packages !== source.packages)
  const records = changed.map(({ source }) => source)
  return (await readGroupDocuments(context, records, signal)).modules
}
