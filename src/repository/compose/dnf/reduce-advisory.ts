import { type AdvisoryPackage, readAdvisory } from '../../../formats/index.ts'
import { withoutElements } from './cut-elements.ts'

/**
 * An advisory whose list names only packages that are left; undefined when none is. Collections that become empty go with
 * their packages; every other byte stays. `object` names it in messages.
 */
export function reducedAdvisory(
  fragment: Buffer,
  isLeft: (one: AdvisoryPackage) => boolean,
  object: string,
): Buffer | undefined {
  const { collections } = readAdvisory(fragment, object)
  const packages = collections.flatMap(collection => collection.packages)
  const left = packages.map(isLeft)
  if (!left.includes(true)) return undefined
  if (!left.includes(false)) return fragment
  const filled = collections.map(collection => collection.packages.some(isLeft))
  const reduced = withoutElements(
    withoutElements(fragment, 'package', position => left[position] ?? true),
    'collection',
    position => filled[position] ?? true,
  )
  const found = readAdvisory(reduced, object).collections.flatMap(collection => collection.packages)
  // What is written as nobody writes it is left as it was rather than broken: clients pass over packages that are not there.
  return found.length === left.filter(Boolean).length && found.every(isLeft) ? reduced : fragment
}
