import type { ByteString } from '../../../model/index.ts'

/** What a machine can install: packages of its own architecture, neutral ones, and those of older ones that were asked for. */
export interface World {
  native: ByteString
  /** Where a package's architecture stands: 0 native and neutral, then the older ones; undefined: it cannot be installed. */
  rank(architecture: ByteString): number | undefined
}

const ofIntel32 = ['i686', 'i586', 'i486', 'i386']

/** Architectures whose packages run on another's machines too, the best first (rpm's arch_compat). */
const older: { readonly [architecture: ByteString]: readonly ByteString[] } = {
  x86_64_v4: ['x86_64_v3', 'x86_64_v2', 'x86_64', ...ofIntel32],
  x86_64_v3: ['x86_64_v2', 'x86_64', ...ofIntel32],
  x86_64_v2: ['x86_64', ...ofIntel32],
  x86_64: ofIntel32,
  i686: ofIntel32.slice(1),
  i586: ofIntel32.slice(2),
  i486: ofIntel32.slice(3),
}

/** Source packages are not installed. */
const notInstalled = ['src', 'nosrc']

/** The machines that a repository of these architectures is for: of `x86_64` and `i686` one, of `x86_64` and `aarch64` two. */
export function worldsOf(architectures: Iterable<ByteString>): World[] {
  const all = new Set(architectures)
  for (const one of notInstalled) all.delete(one)
  if (all.size > 1) all.delete('noarch')
  const within = new Set([...all].flatMap(one => older[one] ?? []))
  return [...all]
    .filter(one => !within.has(one))
    .sort()
    .map(native => {
      const ranked = [native, ...(older[native] ?? []).filter(one => all.has(one))]
      const ranks = new Map(ranked.map((architecture, rank) => [architecture, rank]))
      ranks.set('noarch', 0)
      return { native, rank: architecture => ranks.get(architecture) }
    })
}
