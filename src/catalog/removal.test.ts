import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Name, Timestamp } from '../model/index.ts'
import type { Catalog, Completeness, ContentRow, ContentState, PackageChange } from './catalog.ts'
import { onBothEngines } from './engines.fixture.ts'
import { added, at, commit, content, digest, removed } from './records.fixture.ts'

const debian = 'debian' as Name

onBothEngines('removal', engine => {
  it('takes a snapshot off the list at once, and keeps it to be finished until it is', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')])
    const second = await commit(catalog, 'debian', 2, [removed('nginx')])
    await catalog.beginRemoval(debian, at(1))
    await catalog.beginRemoval(debian, at(1))
    expect(await catalog.snapshots()).toEqual([second])
    expect(await catalog.search({ pattern: 'nginx', limit: 9 })).toEqual([])
    expect(await catalog.unfinishedRemovals()).toEqual([{ repository: 'debian', timestamp: at(1) }])
    await catalog.finishRemoval(debian, at(1))
    await catalog.finishRemoval(debian, at(1))
    expect(await catalog.unfinishedRemovals()).toEqual([])
  })

  it('refuses what was never there and what was not begun', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1)
    await expect(catalog.beginRemoval(debian, at(7))).rejects.toMatchObject({ code: 'not-found' })
    await expect(catalog.finishRemoval(debian, at(1))).rejects.toMatchObject({ code: 'refused' })
    await expect(catalog.completeness(debian, at(7))).rejects.toMatchObject({ code: 'not-found' })
    expect(await catalog.snapshots()).toHaveLength(1)
  })

  it('makes current again what the newest snapshot had dropped', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')], [content('a')])
    await commit(catalog, 'debian', 2, [removed('nginx'), added('curl')], [content('a', { delta: -1 })])
    await catalog.beginRemoval(debian, at(2))
    const hits = await catalog.search({ pattern: '*', limit: 9 })
    expect(hits.map(({ name, first, last }) => ({ name, first, last }))).toEqual([
      { name: 'nginx', first: at(1), last: undefined },
    ])
    await commit(catalog, 'debian', 3, [removed('nginx')], [content('a', { delta: -1 })])
  })

  it('agrees with a plain list of sets, whatever is committed, removed and marked in whatever order', async () => {
    const catalog = await engine.open()
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async steps => {
        const name = `property-${run++}` as Name
        const model: Model = { name, clock: 0, snapshots: new Map(), states: new Map() }
        for (const each of steps) await take(catalog, model, each)
        await compare(catalog, model)
      }),
      { numRuns: engine.kind === 'sqlite' ? 150 : 40 },
    )
  })
})

type Step =
  | { kind: 'commit'; packages: number[]; contents: { [seed: number]: number }; local: boolean }
  | { kind: 'remove'; position: number }
  | { kind: 'mark'; seeds: number[]; state: ContentState }

const seed = fc.integer({ min: 0, max: 5 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('commit' as const),
    packages: fc.uniqueArray(seed),
    contents: fc.dictionary(seed.map(String), fc.integer({ min: 1, max: 3 })),
    local: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('remove' as const), position: fc.nat({ max: 20 }) }),
  fc.record({
    kind: fc.constant('mark' as const),
    seeds: fc.array(seed),
    state: fc.constantFrom('local' as const, 'fetchable' as const, 'lost' as const),
  }),
)

/** The catalog as it would be told to a child: what each listed snapshot holds, and where each blob is. */
interface Model {
  name: Name
  clock: number
  snapshots: Map<Timestamp, { packages: Set<number>; contents: Map<number, number> }>
  states: Map<number, ContentState>
}

async function take(catalog: Catalog, model: Model, step: Step): Promise<void> {
  if (step.kind === 'commit') return takeCommit(catalog, model, step)
  if (step.kind === 'mark') {
    for (const each of step.seeds) if (model.states.has(each)) model.states.set(each, step.state)
    return catalog.markBlobs(step.seeds.map(digest), step.state, model.name)
  }
  const timestamps = [...model.snapshots.keys()]
  const gone = timestamps[step.position % timestamps.length]
  if (gone === undefined) return
  model.snapshots.delete(gone)
  await catalog.beginRemoval(model.name, gone)
  if (step.position % 2 === 0) await catalog.finishRemoval(model.name, gone)
  forgetUnnamed(model)
}

/** What no snapshot names is not in the catalog either, and its state with it. */
function forgetUnnamed(model: Model): void {
  const named = new Set([...model.snapshots.values()].flatMap(({ contents }) => [...contents.keys()]))
  for (const each of model.states.keys()) if (!named.has(each)) model.states.delete(each)
}

async function takeCommit(catalog: Catalog, model: Model, step: Step & { kind: 'commit' }): Promise<void> {
  const before = [...model.snapshots.values()].at(-1) ?? { packages: new Set(), contents: new Map() }
  const packages = new Set(step.packages)
  const contents = new Map(Object.entries(step.contents).map(([each, entries]) => [Number(each), entries]))
  const state = step.local ? 'local' : 'fetchable'
  const changes: PackageChange[] = [
    ...[...packages].filter(each => !before.packages.has(each)).map(each => added(`p${each}`)),
    ...[...before.packages].filter(each => !packages.has(each)).map(each => removed(`p${each}`)),
  ]
  const deltas: ContentRow[] = []
  for (const each of new Set([...contents.keys(), ...before.contents.keys()]))
    deltas.push(content(each, { delta: (contents.get(each) ?? 0) - (before.contents.get(each) ?? 0), state }))
  model.clock += 1
  await commit(catalog, model.name, model.clock, changes, deltas)
  model.snapshots.set(at(model.clock), { packages, contents })
  for (const each of contents.keys()) if (!before.contents.has(each)) model.states.set(each, state)
}

async function compare(catalog: Catalog, model: Model): Promise<void> {
  const listed = await catalog.snapshots(model.name)
  expect(listed.map(({ record }) => record.timestamp)).toEqual([...model.snapshots.keys()])
  for (const { record, completeness } of listed) {
    expect(completeness).toEqual(countedByHand(model, record.timestamp))
    expect(await catalog.completeness(model.name, record.timestamp)).toEqual(completeness)
  }
  const hits = await catalog.search({ pattern: '*', repository: model.name, limit: 1000 })
  for (const [timestamp, { packages }] of model.snapshots) {
    const found = hits.filter(({ first, last }) => first <= timestamp && (last ?? timestamp) >= timestamp)
    expect(found.map(({ name }) => name)).toEqual([...packages].map(each => `p${each}`).sort())
  }
  const newest = [...model.snapshots.keys()].at(-1)
  for (const { first, last } of hits) {
    expect(model.snapshots.has(first)).toBe(true)
    expect(last === undefined || (model.snapshots.has(last) && last >= first && last !== newest)).toBe(true)
  }
}

function countedByHand(model: Model, timestamp: Timestamp): Completeness {
  const counted = { totalEntries: 0, localEntries: 0, lostEntries: 0 }
  for (const [each, entries] of model.snapshots.get(timestamp)?.contents ?? []) {
    counted.totalEntries += entries
    if (model.states.get(each) === 'local') counted.localEntries += entries
    if (model.states.get(each) === 'lost') counted.lostEntries += entries
  }
  return {
    ...counted,
    totalBytes: counted.totalEntries * 10,
    localBytes: counted.localEntries * 10,
    lostBytes: counted.lostEntries * 10,
  }
}
