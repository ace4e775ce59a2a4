import type { SnapshotRecord, Timestamp } from '../model/index.ts'
import type { Fetcher } from '../upstream/index.ts'
import type { RepositoryContext } from './context.ts'
import type { ChangeCount } from './package-changes.ts'

/** Pages that were really new, with their stored (compressed) bytes. */
export interface TreeCost {
  newFilePages: number
  newFilePageBytes: number
  newPackagePages: number
  newPackagePageBytes: number
}

/** What a sync cost: requests to upstream, bytes and files fetched, pages written, wall time. */
export interface SyncCost extends TreeCost {
  requests: number
  fetchedBytes: number
  fetchedFiles: number
  milliseconds: number
}

/** What a mirror or compose made of its inputs. */
export type Made =
  | { kind: 'created'; record: SnapshotRecord; change: ChangeCount; treeCost: TreeCost }
  | { kind: 'unchanged'; snapshot: Timestamp | undefined; treeCost: TreeCost }
  | { kind: 'stale'; snapshot: Timestamp | undefined; warning: string; treeCost: TreeCost }

export type SyncOutcome = Made & { cost: SyncCost }

export const noTreeCost: TreeCost = {
  newFilePages: 0,
  newFilePageBytes: 0,
  newPackagePages: 0,
  newPackagePageBytes: 0,
}

/** Begins counting; `finish` adds what was spent since to an outcome. */
export function startCost(
  context: RepositoryContext,
  fetchers: Fetcher[],
): { finish(made: Made): SyncOutcome } {
  const begun = context.clock()
  const before = fetchers.map(fetcher => fetcher.cost())
  return {
    finish(made) {
      const spent = fetchers.map((fetcher, i) => {
        const now = fetcher.cost()
        return {
          requests: now.requests - before[i]!.requests,
          bytes: now.bytes - before[i]!.bytes,
          files: now.files - before[i]!.files,
        }
      })
      const sum = (pick: (cost: (typeof spent)[number]) => number) =>
        spent.reduce((total, cost) => total + pick(cost), 0)
      return {
        ...made,
        cost: {
          ...made.treeCost,
          requests: sum(cost => cost.requests),
          fetchedBytes: sum(cost => cost.bytes),
          fetchedFiles: sum(cost => cost.files),
          milliseconds: Math.round(context.clock() - begun),
        },
      }
    },
  }
}
