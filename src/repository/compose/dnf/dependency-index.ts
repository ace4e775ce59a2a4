import {
  formatRpmDependency,
  type PrimaryLists,
  parseRichDependency,
  type RichDependency,
  type RpmDependency,
  satisfies,
} from '../../../formats/index.ts'
import type { ByteString } from '../../../model/index.ts'

/** What a closure has to know of a package; one object stands for one package. */
export interface DependencyPackage {
  name: ByteString
  /** `epoch:version-release`. */
  version: ByteString
  architecture: ByteString
}

/** Something that packages ask for. Equal ones are one object. */
export interface Requirement {
  /** Undefined where it is malformed: nothing satisfies it. */
  tree: RichDependency | undefined
  /** As people write it. */
  text: ByteString
  /** Whether it may be asked for only once something else is there. */
  isConditional: boolean
}

/** What one package asks for. */
export interface Needs {
  requires: readonly Requirement[]
  recommends: readonly Requirement[]
  supplements: readonly Requirement[]
}

/** A name that a package provides, and in which versions. */
export interface Provider<P> extends RpmDependency {
  package: P
}

/** Who provides what. */
export interface Providers<P> {
  /** By name, of a file by path; in the order in which they were added. */
  providers(name: ByteString): readonly Provider<P>[]
}

/** Who provides what, and who asks for what, for many packages in little memory: equal names and requirements are held once. */
export interface DependencyIndex<P extends DependencyPackage> extends Providers<P> {
  /** Takes up a package as primary.xml lists it. `object` names the document in messages. */
  add(one: P, lists: PrimaryLists): void
  /** A file of the package that primary.xml does not list. */
  addFile(path: ByteString, one: P): void
  needs(one: P): Needs
  packages(): Iterable<P>
  /** Paths that are asked for and that no package is known to have. */
  missingPaths(): Set<ByteString>
}

export function createDependencyIndex<P extends DependencyPackage>(): DependencyIndex<P> {
  const byName = new Map<ByteString, Provider<P>[]>()
  const requirements = new Map<ByteString, Requirement>()
  const needs = new Map<P, Needs>()

  const provide = (name: ByteString, provider: Omit<Provider<P>, 'name'>) => {
    const known = byName.get(name)
    if (known === undefined) byName.set(name, [{ name, ...provider }])
    else known.push({ name: known[0]!.name, ...provider })
  }
  const requirementOf = (dependency: RpmDependency): Requirement => {
    const text = textOf(dependency)
    const known = requirements.get(text)
    if (known !== undefined) return known
    const requirement = readRequirement(dependency, text)
    requirements.set(text, requirement)
    return requirement
  }
  const requirementsOf = (dependencies: readonly RpmDependency[]): readonly Requirement[] => {
    const wanted = dependencies.filter(({ name }) => !name.startsWith('rpmlib('))
    return wanted.length === 0 ? nothing : wanted.map(requirementOf)
  }
  return {
    add(one, { provides, requires, recommends, supplements, files }) {
      let last: RpmDependency['evr']
      for (const { name, flags, evr } of provides) {
        // Most names of a package are provided in one version.
        if (evr !== undefined && !isSame(evr, last)) last = evr
        provide(name, { package: one, flags, evr: evr && last })
      }
      for (const { path } of files) provide(path, { package: one, flags: undefined, evr: undefined })
      needs.set(one, {
        requires: requirementsOf(requires),
        recommends: requirementsOf(recommends),
        supplements: requirementsOf(supplements),
      })
    },
    addFile: (path, one) => provide(path, { package: one, flags: undefined, evr: undefined }),
    providers: name => byName.get(name) ?? [],
    needs: one => needs.get(one)!,
    packages: () => needs.keys(),
    missingPaths() {
      const paths = new Set<ByteString>()
      for (const { tree } of requirements.values())
        for (const { name } of namesIn(tree)) if (name.startsWith('/') && !byName.has(name)) paths.add(name)
      return paths
    },
  }
}

const nothing: readonly Requirement[] = []

function isSame(a: NonNullable<RpmDependency['evr']>, b: RpmDependency['evr']): boolean {
  return b !== undefined && a.version === b.version && a.release === b.release && a.epoch === b.epoch
}

/** An epoch of 0 says nothing, and primary.xml writes it everywhere. */
function textOf({ name, flags, evr }: RpmDependency): ByteString {
  if (flags === undefined || evr === undefined) return name
  return formatRpmDependency({ name, flags, evr: evr.epoch === '0' ? { ...evr, epoch: undefined } : evr })
}

function readRequirement({ name, flags, evr }: RpmDependency, text: ByteString): Requirement {
  if (!name.startsWith('('))
    return { tree: { operator: 'name', dependency: { name, flags, evr } }, text, isConditional: false }
  try {
    const tree = parseRichDependency(name, 'a dependency')
    return { tree, text, isConditional: isConditional(tree) }
  } catch {
    return { tree: undefined, text, isConditional: false }
  }
}

function isConditional(tree: RichDependency): boolean {
  if (tree.operator === 'name') return false
  return 'operands' in tree ? tree.operands.some(isConditional) : true
}

/** Every name that a dependency speaks of. */
export function* namesIn(tree: RichDependency | undefined): Generator<RpmDependency, void> {
  if (tree === undefined) return
  if (tree.operator === 'name') yield tree.dependency
  else if ('operands' in tree) for (const operand of tree.operands) yield* namesIn(operand)
  else for (const part of [tree.subject, tree.condition, tree.otherwise]) yield* namesIn(part)
}

/** Whether one package alone is what a dependency without conditions asks for, as `with` and `without` do of theirs. */
export function isAll<P>(index: Providers<P>, one: P, tree: RichDependency): boolean {
  switch (tree.operator) {
    case 'name':
      return index
        .providers(tree.dependency.name)
        .some(provider => provider.package === one && satisfies(provider, tree.dependency))
    case 'or':
      return tree.operands.some(operand => isAll(index, one, operand))
    case 'without':
      return isAll(index, one, tree.operands[0]!) && !isAll(index, one, tree.operands[1]!)
    case 'and':
    case 'with':
      return tree.operands.every(operand => isAll(index, one, operand))
    default:
      return false
  }
}
