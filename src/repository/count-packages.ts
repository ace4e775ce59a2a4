import type { Digest } from '../model/index.ts'
import { countOf, countWithin, packagePrefix, prefixRange, type TreeReader } from '../tree/index.ts'
import { sideFamilies } from './package-rows.ts'

/** How many packages a packages tree lists: its entries without those that only say more of a package. */
export async function countPackages(trees: TreeReader, packages: Digest): Promise<number> {
  let count = await countOf(trees, packages)
  for (const family of sideFamilies)
    count -= await countWithin(trees, packages, prefixRange(packagePrefix(family)))
  return count
}
