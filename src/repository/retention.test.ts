import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Catalog, openCatalog } from '../catalog/index.ts'
import { runJob } from '../jobs/index.ts'
import { type Name, type SnapshotRecord, type Timestamp, timestampOf } from '../model/index.ts'
import { openMemoryStore } from '../store/index.ts'
import { cachedPages, emptyTree } from '../tree/index.ts'
import { publishSnapshot } from './commit-snapshot.ts'
import type { RepositoryContext } from './context.ts'
import { reconcile } from './reconcile.ts'
import { listSnapshots, readLatest, refNames, writeRecord } from './records.ts'
import { collectGarbage, collectLock, removeSnapshots } from './retention.ts'

const directory = mkdtempSync(join(tmpdir(), 'retention-'))
const debian = 'debian' as Name
const at = (day: number) => timestampOf(Date.UTC(2026, 10, day))
const opened: Catalog[] = []

/** What was done, in its order: `begin`, `finish` and `move` with the snapshot's day. */
let done: string[] = []
let context: RepositoryContext

beforeEach(async () => {
  context = await yardOf(`${opened.length}.sqlite`)
  for (const day of [1, 2, 3]) await commit(day)
  await writeRecord(context.refs, refNames.frames(debian), { version: 1, indexes: {} })
  done = []
})
afterAll(async () => {
  await Promise.all(opened.map(catalog => catalog.close()))
  rmSync(directory, { recursive: true, force: true })
})

describe('removing snapshots', () => {
  it('takes every one of a repository off the catalog newest first, and never seals latest for one that goes too', async () => {
    expect(await remove('debian')).toEqual([at(3), at(2), at(1)].map(timestamp => `debian@${timestamp}`))
    expect(done).toEqual(['begin 3', 'begin 2', 'begin 1', 'finish 1', 'finish 2', 'finish 3'])
    expect(await context.refs.list('repositories')).toEqual([])
    expect(await (await context.catalog()).unfinishedRemovals()).toEqual([])
  })

  it('moves latest to the newest that is left', async () => {
    await remove(`debian@${at(3)}`)
    expect(done).toEqual(['begin 3', 'move 2', 'finish 3'])
    expect(await answered()).toEqual(new Set([at(2), at(1)]))
  })

  it('leaves latest where it is when an older one goes, but answers that one no more', async () => {
    await remove(`debian@${at(2)}`)
    expect(done).toEqual(['begin 2', 'finish 2'])
    expect(await answered()).toEqual(new Set([at(3), at(1)]))
  })

  it('finishes what it began when it is cancelled, and latest is the newest that stays', async () => {
    const controller = new AbortController()
    const removing = remove('debian', controller.signal, event => {
      if (event === `remove debian@${at(2)}`) controller.abort()
    })
    await expect(removing).rejects.toMatchObject({ code: 'cancelled' })
    expect(done).toEqual(['begin 3', 'begin 2', 'finish 2', 'move 1', 'finish 3'])
    expect(await listSnapshots(context.refs, debian)).toEqual([at(1)])
    expect(await answered()).toEqual(new Set([at(1)]))
  })

  it.each([
    { begun: [3], does: ['move 2', 'finish 3'], left: [2, 1] },
    { begun: [3, 2], does: ['finish 2', 'move 1', 'finish 3'], left: [1] },
    { begun: [3, 2, 1], does: ['finish 1', 'finish 2', 'finish 3'], left: [] },
  ])(
    'is finished at the next start when the process died having begun $begun',
    async ({ begun, does, left }) => {
      const catalog = await context.catalog()
      for (const day of begun) await catalog.beginRemoval(debian, at(day))
      done = []
      await reconcile(context)
      expect(done).toEqual(does)
      expect(await answered()).toEqual(new Set(left.map(at)))
      expect(await catalog.unfinishedRemovals()).toEqual([])
    },
  )
})

describe('removing and collecting beside other processes', () => {
  it('waits for a commit that is under way, and sees what it made', async () => {
    const commitLock = await context.locks.acquire(collectLock)
    const removing = remove(`debian@${at(3)}`)
    await commit(4)
    await delay(20)
    expect(done).toEqual(['move 4'])
    commitLock!.release()
    await removing
    expect((await readLatest(context.refs, debian))?.snapshot).toBe(at(4))
  })

  it.each(['debian', 'fsck'])(
    'keeps what was written lately while %s is at work, configured or not',
    async at => {
      await context.blobs.put(Buffer.from('of a snapshot in the making'))
      const lock = await context.locks.acquire(at)
      expect(await collectGarbage(context, { dryRun: false })).toMatchObject({ removedBlobs: 0 })
      lock!.release()
      expect(await collectGarbage(context, { dryRun: false })).toMatchObject({ removedBlobs: 1 })
    },
  )
})

/** The snapshots that `latest` is and still answers; none when it is gone with all of the repository. */
async function answered(): Promise<Set<Timestamp>> {
  const latest = await readLatest(context.refs, debian)
  if (latest === undefined) expect(await context.refs.list('repositories')).toEqual([])
  return new Set(latest && [latest.snapshot, ...latest.recent.map(({ snapshot }) => snapshot)])
}

function remove(reference: string, signal?: AbortSignal, onStep?: (step: string) => void): Promise<string[]> {
  return runJob(
    {
      subject: 'debian',
      locks: context.locks,
      clock: () => 0,
      signal,
      onEvent: event => event.kind === 'step' && onStep?.(event.step),
    },
    job => removeSnapshots(context, reference, job),
  )
}

async function commit(day: number): Promise<void> {
  const record: SnapshotRecord = {
    version: 1,
    repository: debian,
    timestamp: at(day),
    format: 'apt',
    kind: 'mirror',
    files: emptyTree('files').digest,
    packages: emptyTree('packages').digest,
    fileCount: 0,
    byteCount: 0,
    packageCount: 0,
    suites: [],
  }
  const base = (await listSnapshots(context.refs, debian)).at(-1)
  await (await context.catalog()).commitSnapshot({ record, base, packages: [], content: [] })
  await publishSnapshot(context, record)
}

/** As much of a yard as removals need; a snapshot without suites has nothing to sign. */
async function yardOf(file: string): Promise<RepositoryContext> {
  const catalog = await openCatalog({ kind: 'sqlite', file: join(directory, file) })
  opened.push(catalog)
  const store = openMemoryStore()
  const told: Catalog = {
    ...catalog,
    beginRemoval: (repository, timestamp) =>
      tell('begin', timestamp, catalog.beginRemoval(repository, timestamp)),
    finishRemoval: (repository, timestamp) =>
      tell('finish', timestamp, catalog.finishRemoval(repository, timestamp)),
  }
  return {
    ...store,
    refs: { ...store.refs, write },
    configuration: { repositories: new Map(), trains: new Map(), latest: { keepSeconds: 0, keepAtLeast: 9 } },
    catalog: async () => told,
    trees: cachedPages(store.pages, 1_000_000),
    sweep: async () => ({ files: 0, bytes: 0 }),
    signers: async () => [],
    now: () => Date.now(),
  } as unknown as RepositoryContext

  async function write(name: string, text: string): Promise<void> {
    const before = await readLatest(store.refs, debian)
    await store.refs.write(name, text)
    const after = await readLatest(store.refs, debian)
    if (after !== undefined && after.moved !== before?.moved) await tell('move', after.snapshot)
  }
}

async function tell(what: string, timestamp: Timestamp, work?: Promise<void>): Promise<void> {
  await work
  done.push(`${what} ${Number(timestamp.slice(6, 8))}`)
}
