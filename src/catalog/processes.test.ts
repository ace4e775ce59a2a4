import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Name } from '../model/index.ts'
import type { Catalog } from './catalog.ts'
import { onBothEngines } from './engines.fixture.ts'
import { ended, killed, saysSomething, send } from './other-process.fixture.ts'
import { added, at, commit, record } from './records.fixture.ts'

const debian = 'debian' as Name

onBothEngines('several processes', engine => {
  it('make the tables once when four open a new database at the same time', async () => {
    const options = await engine.create()
    const children = Array.from({ length: 4 }, () => send(options, { kind: 'open' }))
    expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0, 0])
    const catalog = await engine.open(options)
    await commit(catalog, 'debian', 1)
  })

  it('commit one after the other', async () => {
    const options = await engine.create()
    const children = ['a', 'b'].map(repository =>
      send(options, { kind: 'commit', repository, from: 1, to: 30 }),
    )
    expect(await Promise.all(children.map(ended))).toEqual([0, 0])
    const catalog = await engine.open(options)
    for (const repository of ['a', 'b']) await expectWhole(catalog, repository, 30)
  })

  it('see nothing of a commit whose process was killed in the middle, and are not held up by it', async () => {
    const options = await engine.create()
    const catalog = await engine.open(options)
    const child = send(options, { kind: 'stay in a commit', repository: 'debian' })
    await saysSomething(child)
    expect(await catalog.search({ pattern: '*', limit: 9 })).toEqual([])
    await killed(child)
    expect(await catalog.search({ pattern: '*', limit: 9 })).toEqual([])
    await commit(catalog, 'debian', 1, [added('package-1')])
    expect(await catalog.search({ pattern: '*', limit: 9 })).toHaveLength(1)
  })

  it('find whole snapshots only, whenever the writer is killed', async () => {
    const options = await engine.create()
    const catalog = await engine.open(options)
    for (let round = 0, from = 1; round < 4; round++) {
      const child = send(options, { kind: 'commit', repository: 'debian', from, to: from + 10_000 })
      await saysSomething(child)
      await sleep(10 + 37 * round)
      await killed(child)
      await commit(catalog, `after-${round}`, 1)
      const { length } = await catalog.snapshots(debian)
      await expectWhole(catalog, 'debian', length)
      from = length + 1
    }
  })

  it('read the state before while another writes, without waiting', async () => {
    const catalog = await engine.open()
    const before = await commit(catalog, 'debian', 1, [added('nginx')])
    const gate = createGate()
    const writing = catalog.commitSnapshot({
      record: record('debian', 2, { packageCount: 3001, fileCount: 0, byteCount: 0 }),
      base: at(1),
      packages: gate.after(Array.from({ length: 3000 }, (_, number) => added(`package-${number}`))),
      content: [],
    })
    await gate.reached
    expect(await catalog.snapshots(debian)).toEqual([before])
    expect(await catalog.search({ pattern: '*', limit: 9 })).toHaveLength(1)
    gate.open()
    const [meanwhile, after] = await Promise.all([catalog.snapshots(debian), writing])
    expect([[before], [before, after]]).toContainEqual(meanwhile)
    expect(await catalog.snapshots(debian)).toEqual([before, after])
  })

  it('get their turn between the batches of a long commit', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1)
    let over = false
    const packages = Array.from({ length: 20_000 }, (_, number) => added(`package-${number}`))
    const writing = commit(catalog, 'debian', 2, packages).finally(() => {
      over = true
    })
    let reads = 0
    for (; !over; reads++) {
      await catalog.snapshots(debian)
      await sleep(0)
    }
    await writing
    expect(reads).toBeGreaterThan(10)
  })

  it('give up with `busy` when their turn does not come, and change nothing', async () => {
    const options = await engine.create()
    const catalog = await engine.open(options)
    const impatient = await engine.open({ ...options, patience: 100 })
    await commit(catalog, 'debian', 1)
    const gate = createGate()
    const writing = catalog.commitSnapshot({
      record: record('debian', 2, { packageCount: 1, fileCount: 0, byteCount: 0 }),
      base: at(1),
      packages: gate.after([added('nginx')]),
      content: [],
    })
    await gate.reached
    await expect(commit(impatient, 'ours', 1)).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('another process'),
    })
    gate.open()
    await writing
    const ours = await commit(impatient, 'ours', 1)
    expect(await catalog.snapshots('ours' as Name)).toEqual([ours])
    expect(await catalog.snapshots(debian)).toHaveLength(2)
  })

  it('commit one of two snapshots on the same base', async () => {
    const options = await engine.create()
    const catalogs = [await engine.open(options), await engine.open(options)]
    const outcomes = await Promise.allSettled(
      catalogs.map((catalog, index) =>
        catalog.commitSnapshot({
          record: record('debian', 1 + index, { packageCount: 0, fileCount: 0, byteCount: 0 }),
          base: undefined,
          packages: [],
          content: [],
        }),
      ),
    )
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await catalogs[0]!.snapshots()).toHaveLength(1)
  })
})

/** Snapshots 1 to `count`, each with its own 20 packages and blobs on top of the one before. */
async function expectWhole(catalog: Catalog, repository: string, count: number): Promise<void> {
  const snapshots = await catalog.snapshots(repository as Name)
  expect(snapshots.map(({ completeness }) => completeness.totalEntries)).toEqual(
    Array.from({ length: count }, (_, index) => 20 * (index + 1)),
  )
  const hits = await catalog.search({ pattern: `${repository}-*`, limit: 1_000_000 })
  expect(hits).toHaveLength(20 * count)
}

/** Rows that stop at a gate before the last one. */
function createGate() {
  const passed = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  return {
    open: passed.resolve,
    reached: reached.promise,
    async *after<T>(rows: T[]) {
      yield* rows.slice(0, -1)
      reached.resolve()
      await passed.promise
      yield* rows.slice(-1)
    },
  }
}
