import type { LockedRelease, LockedSnapshot, LockedState } from '../../config/index.ts'
import type { Name, ReleaseRecord, SnapshotName, SnapshotRecord } from '../../model/index.ts'

/** `NAME@T`. */
export function snapshotKey({ repository, timestamp }: SnapshotName): string {
  return `${repository}@${timestamp}`
}

/**
 * Whether a snapshot of ours holds what a locked one does, whatever the two are called. Metadata of our own carries the yard's
 * own date and signature, in which the files of two yards differ: there the packages decide.
 */
export function holdsSame(ours: SnapshotRecord, locked: LockedSnapshot): boolean {
  return ours.packages === locked.packages && (ours.kind !== 'mirror' || ours.files === locked.files)
}

/**
 * The repositories in which a release of ours holds something else than the locked one of its name. A snapshot of ours that is not
 * here holds nothing that could differ.
 */
export function differingRepositories(
  ours: ReleaseRecord,
  locked: LockedRelease,
  { snapshots: lockedSnapshots }: LockedState,
  snapshots: ReadonlyMap<string, SnapshotRecord>,
): Name[] {
  const repositories = new Set([...(Object.keys(ours.snapshots) as Name[]), ...locked.snapshots.keys()])
  return [...repositories].filter(repository => {
    const [one, other] = [ours.snapshots[repository], locked.snapshots.get(repository)]
    if (one === undefined || other === undefined) return true
    const record = snapshots.get(snapshotKey(one))
    return record !== undefined && !holdsSame(record, lockedSnapshots.get(snapshotKey(other))!)
  })
}
