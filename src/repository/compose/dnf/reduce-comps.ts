import { type Comps, parseComps } from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'
import { withoutElements } from './cut-elements.ts'

/** One element right below `<comps>`. */
export interface CompsElement {
  kind: 'group' | 'category' | 'environment' | 'other'
  id: ByteString
  fragment: Buffer
}

/** Groups of several inputs as one; of two with one id the first stays. */
export function mergedComps(all: readonly Comps[]): Comps {
  const merge = <T extends { id: ByteString }>(lists: T[][]): T[] => {
    const byId = new Map<ByteString, T>()
    for (const one of lists.flat()) if (!byId.has(one.id)) byId.set(one.id, one)
    return [...byId.values()]
  }
  return {
    groups: merge(all.map(({ groups }) => groups)),
    categories: merge(all.map(({ categories }) => categories)),
    environments: merge(all.map(({ environments }) => environments)),
    langpacks: all.flatMap(({ langpacks }) => langpacks),
    others: all.flatMap(({ others }) => others),
  }
}

/**
 * The elements of a comps.xml that speaks only of packages that are left: groups lose the others, and what has become
 * empty is gone, from categories and environments too. Every other byte stays.
 */
export function reducedComps(comps: Comps, isLeft: (name: ByteString) => boolean): CompsElement[] {
  const groups = comps.groups.flatMap(({ id, packages, fragment }) => {
    const left = packages.map(({ name }) => isLeft(name))
    if (!left.includes(true)) return []
    return [
      { kind: 'group' as const, id, fragment: withoutElements(fragment, 'packagereq', i => left[i] ?? true) },
    ]
  })
  const ids = new Set(groups.map(({ id }) => id))
  const ofGroups = (kind: 'category' | 'environment', one: Comps['categories'][number]): CompsElement[] => {
    if (!one.groups.some(id => ids.has(id))) return []
    const keeps = (_: number, text: ByteString) => ids.has(groupIdIn(text))
    return [{ kind, id: one.id, fragment: withoutElements(one.fragment, 'groupid', keeps) }]
  }
  return [
    ...groups,
    ...comps.categories.flatMap(one => ofGroups('category', one)),
    ...comps.environments.flatMap(one => ofGroups('environment', one)),
    ...comps.others.map((fragment, i) => ({
      kind: 'other' as const,
      id: String(i).padStart(6, '0'),
      fragment,
    })),
  ]
}

/** The text of a `<groupid>`, read as in any comps.xml. */
function groupIdIn(element: ByteString): ByteString {
  const document = `<comps><category><id>x</id><grouplist>${element}</grouplist></category></comps>`
  return parseComps(Buffer.from(document, 'latin1'), 'comps.xml').categories[0]!.groups[0] ?? ''
}
