import type { ReleaseRecord, Timestamp } from '../../model/index.ts'

/**
 * Whether a release may enter a channel that has another before it: it was there; or it is a bump of a release that was there or in the
 * channel itself. A bump changes a release that had its time there, and the packages that it brings have gates to pass still.
 * @param wasBefore whether a release was ever in the channel before.
 * @param wasHere whether one was ever in the channel itself.
 * @param bumpOf the release that a bump changes, where it is still listed.
 */
export async function mayFollow(
  release: ReleaseRecord,
  wasBefore: (timestamp: Timestamp) => boolean,
  wasHere: (timestamp: Timestamp) => boolean,
  bumpOf: (timestamp: Timestamp) => Promise<ReleaseRecord | undefined>,
): Promise<boolean> {
  let one: ReleaseRecord | undefined = release
  while (one !== undefined) {
    if (wasBefore(one.timestamp)) return true
    if (one.kind !== 'bump' || one.from === undefined) return false
    if (wasBefore(one.from) || wasHere(one.from)) return true
    one = await bumpOf(one.from)
  }
  return false
}
