import type { Digest, SnapshotRecord } from '../../model/index.ts'
import { decodeFileEntry, emptyTree, survey, type TreeKind } from '../../tree/index.ts'
import type { RepositoryContext } from '../context.ts'
import type { Users } from './check-blobs.ts'
import { rebuildTree } from './rebuild-tree.ts'
import { type Check, nameOf } from './report.ts'

/** What is known of the pages after looking at some trees. */
interface Known {
  users: Users
  /** Snapshots whose every blob should be here. */
  complete: Set<SnapshotRecord>
  /** Pages that can be read with all that lies beneath. */
  whole: Set<Digest>
  seen: Set<Digest>
}

/** A page that cannot be read, why, and the snapshots that need it. */
type Damage = Map<Digest, { problem: string; usedBy: Set<string> }>

/**
 * Reads every page of every snapshot once and, with `repair`, rebuilds the trees of those that cannot be read. Answers
 * who needs which blob, as far as the pages tell.
 */
export async function checkPages(check: Check, records: SnapshotRecord[]): Promise<Users> {
  const { context, repair, report } = check
  const known: Known = {
    users: new Map(),
    complete: await completeOnes(context, records),
    whole: new Set([emptyTree('files').digest, emptyTree('packages').digest]),
    seen: new Set(),
  }
  // Pages that snapshots share are read once, for the one that asks most of them.
  const strictFirst = records.toSorted(
    (a, b) => Number(known.complete.has(b)) - Number(known.complete.has(a)),
  )
  const damage: Damage = new Map()
  const damaged = await damagedOnes(context, known, strictFirst, damage)
  const left: Damage = repair ? new Map() : damage
  if (repair) {
    // What is composed is made from mirrors, so these come first.
    const mirrorsFirst = damaged.toSorted((a, b) => Number(a.kind !== 'mirror') - Number(b.kind !== 'mirror'))
    for (const record of mirrorsFirst)
      for (const kind of ['packages', 'files'] as const) await rebuildTree(check, record, kind)
    await damagedOnes(context, known, damaged, left)
  }
  report.checkedPages = known.seen.size
  for (const [name, { problem, usedBy }] of new Map([...damage, ...left]))
    report.findings.push({ what: 'page', name, problem, repaired: !left.has(name), usedBy: [...usedBy] })
  return known.users
}

/** The snapshots with a page that cannot be read; `damage` learns which. */
async function damagedOnes(
  context: RepositoryContext,
  known: Known,
  records: SnapshotRecord[],
  damage: Damage,
): Promise<SnapshotRecord[]> {
  const damaged: SnapshotRecord[] = []
  for (const record of records) {
    const packagesWhole = await readPages(context, known, record, 'packages', damage)
    const filesWhole = await readPages(context, known, record, 'files', damage)
    if (!packagesWhole || !filesWhole) damaged.push(record)
  }
  return damaged
}

/** Reads what is not known yet of one tree; answers whether all of it can be read. */
async function readPages(
  context: RepositoryContext,
  { users, complete, whole, seen }: Known,
  record: SnapshotRecord,
  kind: TreeKind,
  damage: Damage,
): Promise<boolean> {
  let allWhole = true
  for await (const found of survey(context.pages, record[kind], digest => whole.has(digest))) {
    seen.add(found.digest)
    if (found.kind === 'gap') {
      allWhole = false
      const known = damage.get(found.digest) ?? { problem: found.problem.message, usedBy: new Set() }
      damage.set(found.digest, known)
      known.usedBy.add(nameOf(record))
      continue
    }
    if (found.whole) whole.add(found.digest)
    if (kind === 'packages') continue
    for (const { key: path, value } of found.entries) {
      const { sha256, size } = decodeFileEntry(value)
      if (!users.has(sha256)) users.set(sha256, { record, path, size, required: complete.has(record) })
    }
  }
  return allWhole
}

/** Snapshots whose every blob should be here: those that were complete once. Others fetch on demand. */
async function completeOnes(
  context: RepositoryContext,
  records: SnapshotRecord[],
): Promise<Set<SnapshotRecord>> {
  const catalog = await context.catalog()
  const complete = new Set<SnapshotRecord>()
  for (const record of records) {
    const immediate = context.configuration.repositories.get(record.repository)?.policy === 'immediate'
    const counted = await catalog.completeness(record.repository, record.timestamp).catch(() => undefined)
    const here =
      counted === undefined ? undefined : counted.localEntries + (immediate ? counted.lostEntries : 0)
    if (here === undefined ? immediate : here === counted!.totalEntries) complete.add(record)
  }
  return complete
}
