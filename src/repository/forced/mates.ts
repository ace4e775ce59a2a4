import type { ByteString } from '../../model/index.ts'
import type { Member } from './forced.ts'

/** A member with the name of its source package. */
export interface Built extends Member {
  source: ByteString
}

/** Packages by name, and the names that were built from one source. */
export interface Families<P extends Built> {
  add(one: P): void
  named(name: ByteString): readonly P[]
  names(): Iterable<ByteString>
  /** In the source: names built from what any package of this name was built from. */
  mates(name: ByteString): Iterable<ByteString>
}

export function createFamilies<P extends Built>(): Families<P> {
  const byName = new Map<ByteString, P[]>()
  const bySource = new Map<ByteString, Set<ByteString>>()
  return {
    add(one) {
      const known = byName.get(one.name)
      if (known === undefined) byName.set(one.name, [one])
      else known.push(one)
      if (!one.inSource) return
      const names = bySource.get(one.source)
      if (names === undefined) bySource.set(one.source, new Set([one.name]))
      else names.add(one.name)
    },
    named: name => byName.get(name) ?? [],
    names: () => byName.keys(),
    mates: name =>
      new Set(
        (byName.get(name) ?? [])
          .filter(one => one.inSource)
          .flatMap(({ source }) => [...(bySource.get(source) ?? [])]),
      ),
  }
}
