import type { ByteString, Digest } from '../model/index.ts'
import {
  decodePackageKey,
  diff,
  entries,
  leaves,
  type PackageKey,
  packagePrefix,
  prefixRange,
  type TreeReader,
} from '../tree/index.ts'
import { isSideKey } from './package-rows.ts'

/** A package that one index lists and another one does not. */
export interface ChangedKey extends PackageKey {
  change: 'came' | 'went'
}

/**
 * The packages that came and that went between two packages trees, by their keys: one whose stanza alone was edited is the same
 * package. Costs what differs.
 */
export async function* changedKeys(trees: TreeReader, from: Digest, to: Digest): AsyncGenerator<ChangedKey> {
  for await (const { key, before, after } of diff(trees, from, to)) {
    if (isSideKey(key) || (before !== undefined && after !== undefined)) continue
    yield { ...decodePackageKey(key), change: before === undefined ? 'came' : 'went' }
  }
}

/** Beyond so many names reading the whole tree is quicker than looking up each. */
const mostLookups = 5000

/** The packages of a tree that bear one of these names, whatever index lists them. */
export async function* keysNamed(
  trees: TreeReader,
  packages: Digest,
  names: ReadonlySet<ByteString>,
): AsyncGenerator<PackageKey> {
  for await (const place of placesIn(trees, packages)) {
    if (names.size > mostLookups) {
      for await (const key of keysWithin(trees, packages, place)) if (names.has(key.name)) yield key
      continue
    }
    for (const name of names) yield* keysWithin(trees, packages, `${place}${name}\0`)
  }
}

async function* keysWithin(
  trees: TreeReader,
  packages: Digest,
  prefix: ByteString,
): AsyncGenerator<PackageKey> {
  for await (const batch of leaves(trees, packages, prefixRange(prefix)))
    for (const { key } of batch) yield decodePackageKey(key)
}

/** The beginnings of the keys of every index of a tree: one look each, however many packages it lists. */
async function* placesIn(trees: TreeReader, packages: Digest): AsyncGenerator<ByteString> {
  let from: ByteString | undefined = ''
  while (from !== undefined) {
    const first = await firstKey(trees, packages, from)
    if (first === undefined) return
    const { family, suite, component, architecture } = decodePackageKey(first)
    const place = packagePrefix(family, suite, component, architecture)
    if (!isSideKey(first)) yield place
    from = prefixRange(place).to
  }
}

async function firstKey(
  trees: TreeReader,
  packages: Digest,
  from: ByteString,
): Promise<ByteString | undefined> {
  for await (const { key } of entries(trees, packages, { from })) return key
  return undefined
}
