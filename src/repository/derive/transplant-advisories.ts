import { type Advisory, type AdvisoryPackage, readAdvisory } from '../../formats/index.ts'
import type { ByteString } from '../../model/index.ts'
import type { WrittenAdvisory } from '../compose/dnf/group-documents.ts'
import { nevraOfAdvised } from '../compose/dnf/group-entries.ts'
import { reducedAdvisory } from '../compose/dnf/reduce-advisory.ts'

/**
 * Advisories that say of moved packages what the source's say, and of all others what the base's say: those of packages that come along
 * come too, without what they say of packages that did not. Of one that does not speak of moved packages every byte stays.
 * @param isMoved of a package's name.
 */
export function transplantAdvisories(
  base: readonly WrittenAdvisory[],
  source: readonly WrittenAdvisory[],
  isMoved: (name: ByteString) => boolean,
): WrittenAdvisory[] {
  const theirs = new Map(source.map(one => [one.read.id, one]))
  const ids = new Set(base.map(one => one.read.id))
  const coming = source.filter(({ read }) => !ids.has(read.id))
  return [
    ...base.flatMap(ours => combined(ours, theirs.get(ours.read.id), isMoved)),
    ...coming.flatMap(other => combined(undefined, other, isMoved)),
  ]
}

function combined(
  ours: WrittenAdvisory | undefined,
  theirs: WrittenAdvisory | undefined,
  isMoved: (name: ByteString) => boolean,
): WrittenAdvisory[] {
  const speaksOfMoved = (one: WrittenAdvisory | undefined) =>
    one !== undefined && packagesOf(one.read).some(({ name }) => isMoved(name))
  const isTheirs = speaksOfMoved(theirs)
  if (ours !== undefined && !isTheirs && !speaksOfMoved(ours)) return [ours]
  const text = isTheirs ? theirs! : ours
  if (text === undefined || (ours !== undefined && theirs?.fragment.equals(ours.fragment)))
    return text ? [text] : []
  const [left, right] = [nevrasOf(ours), nevrasOf(theirs)]
  const keeps = (one: AdvisoryPackage) => (isMoved(one.name) ? right : left).has(nevraOfAdvised(one))
  const fragment = reducedAdvisory(text.fragment, keeps, text.read.id)
  if (fragment === undefined) return []
  return [fragment === text.fragment ? text : { fragment, read: readAdvisory(fragment, text.read.id) }]
}

function nevrasOf(one: WrittenAdvisory | undefined): Set<ByteString> {
  return new Set(one === undefined ? [] : packagesOf(one.read).map(nevraOfAdvised))
}

function packagesOf({ collections }: Advisory): AdvisoryPackage[] {
  return collections.flatMap(({ packages }) => packages)
}
