import {
  fieldsOf,
  type Provided,
  parseDependencies,
  parseProvides,
  parseRelations,
  type Relation,
  satisfiesVersion,
  selectFields,
} from '../../formats/index.ts'
import { type ByteString, isYardError } from '../../model/index.ts'
import { decodePackageKey } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { Universe } from './forced.ts'
import { type Built, createFamilies, type Families } from './mates.ts'
import { pairedEntries, type SnapshotPair } from './read-members.ts'

/** A package as machines of one architecture see it. */
export interface DebMember extends Built {
  world: ByteString
  provides: ByteString
  depends: ByteString
  preDepends: ByteString
  rejects: ByteString
}

/** Alternatives, any one of which is enough, for machines of one architecture. */
export interface DebNeed {
  world: ByteString
  relations: Relation[]
}

const selection = selectFields(
  'Package',
  'Version',
  'Architecture',
  'Source',
  'Provides',
  'Depends',
  'Pre-Depends',
  'Breaks',
  'Conflicts',
)

export interface DebUniverse extends Universe<DebMember, DebNeed> {
  families: Families<DebMember>
}

/** What the packages of APT repositories ask of each other. Relations that cannot be read count as none. */
export async function debUniverse(
  context: RepositoryContext,
  pairs: readonly SnapshotPair[],
): Promise<DebUniverse> {
  const families = createFamilies<DebMember>()
  const providers = new Map<ByteString, { one: DebMember; version: ByteString | undefined }[]>()
  const askers = new Map<ByteString, DebMember[]>()
  for await (const { pair, key, value, inBase, inSource } of pairedEntries(context, pairs, 'deb')) {
    const fields = fieldsOf(value, selection, pair.repository).map(field => field ?? '')
    const [name, version, architecture, source, provides, depends, preDepends, breaks, conflicts] =
      fields as [string, string, string, string, string, string, string, string, string]
    for (const world of worldsOf(decodePackageKey(key).architecture, architecture, pair)) {
      const one: DebMember = {
        name,
        version,
        source: /^[^ \t(]+/.exec(source)?.[0] ?? name,
        world,
        provides,
        depends,
        preDepends,
        rejects: [breaks, conflicts].filter(field => field !== '').join(', '),
        inBase,
        inSource,
      }
      families.add(one)
      addTo(providers, name, { one, version })
      for (const provided of providedBy(one))
        addTo(providers, provided.name, { one, version: provided.version })
      for (const asked of namesIn(depends, preDepends)) addTo(askers, asked, one)
    }
  }
  const satisfying = (relation: Relation, world: ByteString): DebMember[] =>
    (providers.get(relation.name) ?? [])
      .filter(
        ({ one, version }) =>
          one.world === world &&
          (relation.version === undefined ||
            (version !== undefined && satisfiesVersion(version, relation.version))),
      )
      .map(({ one }) => one)
  return {
    families,
    named: families.named,
    mates: families.mates,
    needs: one =>
      [one.preDepends, one.depends].flatMap(field =>
        unlessBroken(() => parseDependencies(field, one.name)).map(relations => ({
          world: one.world,
          relations,
        })),
      ),
    provided: one => [one.name, ...providedBy(one).map(({ name }) => name)],
    asking: name => askers.get(name) ?? [],
    mentions: ({ relations }, name) => relations.some(relation => relation.name === name),
    isSatisfied: ({ world, relations }, isThere) =>
      relations.some(relation => satisfying(relation, world).some(isThere)),
    remedy({ world, relations }) {
      for (const isReal of [true, false])
        for (const relation of relations) {
          const found = satisfying(relation, world)
            .filter(one => one.inSource && (one.name === relation.name) === isReal)
            .sort((a, b) => (a.name < b.name ? -1 : 1))[0]
          if (found !== undefined) return [found]
        }
      return undefined
    },
    rejected: one =>
      unlessBroken(() => parseRelations(one.rejects, one.name))
        .filter(({ version }) => version !== undefined)
        .flatMap(relation => satisfying(relation, one.world)),
  }
}

/** Which machines an index is for; one of a flat repository, or of neutral packages, is for all that can install them. */
function worldsOf(index: ByteString, own: ByteString, { base, source }: SnapshotPair): ByteString[] {
  const all = [base, source].flatMap(record =>
    record.format === 'apt' ? record.suites.flatMap(suite => suite.architectures) : [],
  )
  if (all.includes(index)) return [index]
  return own === 'all' ? [...new Set(all)] : [own]
}

function providedBy({ provides, name }: DebMember): Provided[] {
  return provides === '' ? [] : unlessBroken(() => parseProvides(provides, name))
}

/** The names in relationship fields, quickly: what stands behind a name is no matter here. */
function namesIn(...fields: ByteString[]): Set<ByteString> {
  const names = new Set<ByteString>()
  for (const field of fields)
    for (const part of field.split(/[,|]/)) {
      const name = /[A-Za-z0-9][A-Za-z0-9+._-]*/.exec(part)?.[0]
      if (name !== undefined) names.add(name)
    }
  return names
}

function unlessBroken<T>(read: () => T[]): T[] {
  try {
    return read()
  } catch (error) {
    if (isYardError(error, 'invalid')) return []
    throw error
  }
}

function addTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
