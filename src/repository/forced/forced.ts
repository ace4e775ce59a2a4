import type { ByteString } from '../../model/index.ts'

/** A package of what there is (the base) or of what is offered (the source), or of both. */
export interface Member {
  name: ByteString
  version: ByteString
  inBase: boolean
  inSource: boolean
}

/** What packages ask of each other. */
export interface Universe<P extends Member, R> {
  named(name: ByteString): readonly P[]
  /** Names that go together with this one in the source: built from the same source package, or of one module. */
  mates(name: ByteString): Iterable<ByteString>
  needs(one: P): readonly R[]
  /** Whatever may satisfy somebody. */
  provided(one: P): Iterable<ByteString>
  /** The packages that ask for this name. */
  asking(name: ByteString): Iterable<P>
  mentions(need: R, name: ByteString): boolean
  isSatisfied(need: R, isThere: (one: P) => boolean): boolean
  /** Packages of the source that together satisfy it, the best ones; undefined when none do. */
  remedy(need: R, isThere: (one: P) => boolean): readonly P[] | undefined
  /** Packages, of any version, that it would not stand beside. */
  rejected(one: P): Iterable<P>
}

/** A dependency that is left open. */
export interface Gap<P, R> {
  one: P
  need: R
}

export interface Forced<P, R> {
  /** Every name that moves, each with the one that was asked for and led to it. */
  moved: Map<ByteString, ByteString>
  gaps: Gap<P, R>[]
}

/**
 * Which names have to move from the base to the source when some do, so that nothing breaks that was whole: what new versions need
 * and the base has not; what leans on an old version, or is rejected by a new one. Names move with their mates. What is left
 * open could not be satisfied by anything in the source. Pure and deterministic.
 * @param asked names, each with what it was asked for by.
 */
export function forcedAlong<P extends Member, R>(
  universe: Universe<P, R>,
  asked: Iterable<readonly [name: ByteString, by: ByteString]>,
): Forced<P, R> {
  const moved = new Map<ByteString, ByteString>()
  const queue: ByteString[] = []
  const gaps: Gap<P, R>[] = []
  const isThere = (one: P) => (moved.has(one.name) ? one.inSource : one.inBase)
  const wasThere = (one: P) => one.inBase

  const move = (name: ByteString, by: ByteString) => {
    for (const mate of [name, ...universe.mates(name)])
      if (!moved.has(mate)) {
        moved.set(mate, by)
        queue.push(mate)
      }
  }
  const differs = (name: ByteString) => universe.named(name).some(one => one.inBase !== one.inSource)

  const settle = (one: P, need: R, by: ByteString) => {
    if (universe.isSatisfied(need, isThere)) return
    if (one.inBase && !universe.isSatisfied(need, wasThere)) return
    if (!moved.has(one.name) && differs(one.name)) {
      move(one.name, by)
      if (!one.inSource) return
    }
    const remedy = universe.remedy(need, isThere)
    if (remedy === undefined) gaps.push({ one, need })
    else for (const other of remedy) move(other.name, by)
  }
  const comes = (one: P, by: ByteString) => {
    for (const need of universe.needs(one)) settle(one, need, by)
    for (const other of universe.rejected(one))
      if (other.name !== one.name && isThere(other) && !other.inSource) move(other.name, by)
  }
  const goes = (one: P, by: ByteString) => {
    for (const name of universe.provided(one))
      for (const other of universe.asking(name))
        if (isThere(other))
          for (const need of universe.needs(other)) if (universe.mentions(need, name)) settle(other, need, by)
  }

  for (const [name, by] of asked) move(name, by)
  for (const name of queue) {
    const by = moved.get(name)!
    for (const one of universe.named(name)) {
      if (one.inSource && !one.inBase) comes(one, by)
      if (one.inBase && !one.inSource) goes(one, by)
    }
  }
  const isOpen = ({ one, need }: Gap<P, R>) => isThere(one) && !universe.isSatisfied(need, isThere)
  return { moved, gaps: gaps.filter(isOpen) }
}
