import { expect, it } from 'vitest'
import type { Name } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import { at, commit, content, digest } from './records.fixture.ts'

const debian = 'debian' as Name
const ours = 'ours' as Name

onBothEngines('completeness', engine => {
  it('follows a blob in every snapshot and repository that names it', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [], [content('a', { delta: 2 }), content('b')])
    await commit(catalog, 'debian', 2, [], [content('a', { delta: -1 })])
    await commit(catalog, 'debian', 3, [], [content('a', { delta: -1 })])
    await commit(catalog, 'ours', 1, [], [content('a')])
    await catalog.markBlobs([digest('a'), digest('a'), digest('nobody names it')], 'local')
    await catalog.markBlobs([digest('a')], 'local')
    expect(await catalog.completeness(debian, at(1))).toEqual({
      totalEntries: 3,
      totalBytes: 30,
      localEntries: 2,
      localBytes: 20,
      lostEntries: 0,
      lostBytes: 0,
    })
    expect(await catalog.completeness(debian, at(2))).toMatchObject({ localEntries: 1, localBytes: 10 })
    expect(await catalog.completeness(debian, at(3))).toMatchObject({ totalEntries: 1, localEntries: 0 })
    expect(await catalog.completeness(ours, at(1))).toMatchObject({ localEntries: 1 })
  })

  it('marks in one repository only, when asked to', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [], [content('a')])
    await commit(catalog, 'ours', 1, [], [content('a')])
    await catalog.markBlobs([digest('a')], 'lost', debian)
    await catalog.markBlobs([digest('a')], 'local', 'none' as Name)
    expect(await catalog.completeness(debian, at(1))).toMatchObject({ lostEntries: 1, lostBytes: 10 })
    expect(await catalog.completeness(ours, at(1))).toMatchObject({ lostEntries: 0, localEntries: 0 })
    await catalog.markBlobs([digest('a')], 'local')
    expect(await catalog.completeness(debian, at(1))).toMatchObject({ lostEntries: 0, localEntries: 1 })
  })

  it('counts two sizes that unverified metadata gives one digest each for itself', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [], [content('a'), content('a', { size: 7 })])
    await catalog.markBlobs([digest('a')], 'local')
    expect(await catalog.completeness(debian, at(1))).toMatchObject({ totalBytes: 17, localBytes: 17 })
  })

  it('keeps what is known of a blob while it stays, and believes the newest word when it comes back', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [], [content('a')])
    await catalog.markBlobs([digest('a')], 'lost')
    await commit(catalog, 'debian', 2, [], [content('a')])
    expect(await catalog.completeness(debian, at(2))).toMatchObject({ totalEntries: 2, lostEntries: 2 })
    await commit(catalog, 'debian', 3, [], [content('a', { delta: -2 })])
    await commit(catalog, 'debian', 4, [], [content('a', { state: 'local' })])
    expect(await catalog.completeness(debian, at(1))).toMatchObject({ lostEntries: 0, localEntries: 1 })
    expect(await catalog.completeness(debian, at(4))).toMatchObject({ lostEntries: 0, localEntries: 1 })
  })

  it('takes counters that were counted by hand', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [], [content('a')])
    const counters = {
      totalEntries: 6,
      totalBytes: 5,
      localEntries: 4,
      localBytes: 3,
      lostEntries: 2,
      lostBytes: 1,
    }
    await catalog.recount(debian, at(1), counters)
    expect(await catalog.completeness(debian, at(1))).toEqual(counters)
    await expect(catalog.recount(debian, at(2), counters)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('marks more blobs than one statement takes', async () => {
    const catalog = await engine.open()
    const many = Array.from({ length: 2500 }, (_, number) => content(number))
    await commit(catalog, 'debian', 1, [], many)
    await catalog.markBlobs(
      many.map(each => each.digest),
      'local',
    )
    expect(await catalog.completeness(debian, at(1))).toMatchObject({
      totalEntries: 2500,
      localEntries: 2500,
    })
  })
})
