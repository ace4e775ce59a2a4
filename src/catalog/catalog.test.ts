import { expect, it } from 'vitest'
import type { Name } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import { added, at, commit, content, digest, packageRow, record, removed } from './records.fixture.ts'

const debian = 'debian' as Name
const ours = 'ours' as Name

onBothEngines('the catalog', engine => {
  it('lists what was committed, oldest first, of every repository or of one', async () => {
    const catalog = await engine.open()
    const first = await commit(catalog, 'debian', 1, [added('nginx')], [content('a')])
    const second = await commit(catalog, 'debian', 2, [added('curl')], [content('b')])
    const other = await commit(catalog, 'ours', 1)
    expect(await catalog.snapshots()).toEqual([first, second, other])
    expect(await catalog.snapshots(debian)).toEqual([first, second])
    expect(await catalog.snapshots('none' as Name)).toEqual([])
    expect(await catalog.lastTimestamp(debian)).toBe(at(2))
    expect(await catalog.lastTimestamp('none' as Name)).toBeUndefined()
  })

  it('refuses a timestamp that is not later than every one given out, removed ones included', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 5)
    await expect(commit(catalog, 'debian', 5)).rejects.toMatchObject({ code: 'exists' })
    await catalog.beginRemoval(debian, at(5))
    await catalog.finishRemoval(debian, at(5))
    await expect(commit(catalog, 'debian', 4)).rejects.toMatchObject({ code: 'exists' })
    expect(await catalog.lastTimestamp(debian)).toBe(at(5))
    await commit(catalog, 'debian', 6)
  })

  it('refuses changes relative to a snapshot that is no longer the newest, and writes nothing', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')])
    const counts = { packageCount: 1, fileCount: 0, byteCount: 0 }
    const late = catalog.commitSnapshot({
      record: record('debian', 2, counts),
      base: undefined,
      packages: [added('late')],
      content: [],
    })
    await expect(late).rejects.toMatchObject({ code: 'busy' })
    expect(await catalog.search({ pattern: 'late', limit: 9 })).toEqual([])
    expect(await catalog.snapshots(debian)).toHaveLength(1)
  })

  it('refuses changes that do not add up to the record, and writes nothing', async () => {
    const catalog = await engine.open()
    const counts = { packageCount: 1, fileCount: 1, byteCount: 10 }
    const wrong = [
      { ...counts, packageCount: 2 },
      { ...counts, fileCount: 2 },
      { ...counts, byteCount: 11 },
    ]
    for (const each of wrong)
      await expect(
        catalog.commitSnapshot({
          record: record('debian', 1, each),
          base: undefined,
          packages: [added('nginx')],
          content: [content('a')],
        }),
      ).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('does not add up') })
    expect(await catalog.snapshots()).toEqual([])
    expect(await catalog.search({ pattern: '*', limit: 9 })).toEqual([])
    await commit(catalog, 'debian', 1, [added('nginx')], [content('a')])
    expect(await catalog.search({ pattern: '*', limit: 9 })).toHaveLength(1)
  })

  it('refuses to take away what is not there', async () => {
    const catalog = await engine.open()
    await expect(commit(catalog, 'debian', 1, [removed('nginx')])).rejects.toMatchObject({ code: 'internal' })
    await expect(commit(catalog, 'debian', 1, [], [content('a', { delta: -1 })])).rejects.toMatchObject({
      code: 'internal',
    })
  })

  it('refuses text and sizes that no package can have', async () => {
    const catalog = await engine.open()
    const tooLong = added('nginx', { version: '1'.repeat(513) })
    await expect(commit(catalog, 'debian', 1, [tooLong])).rejects.toMatchObject({ code: 'invalid' })
    await expect(commit(catalog, 'debian', 1, [added('nginx', { size: -1 })])).rejects.toMatchObject({
      code: 'invalid',
    })
    await expect(commit(catalog, 'debian', 1, [], [content('a', { size: 2 ** 53 })])).rejects.toMatchObject({
      code: 'invalid',
    })
    await commit(catalog, 'debian', 1, [
      added('\xff'.repeat(512), { version: '\xff'.repeat(512), size: Number.MAX_SAFE_INTEGER }),
    ])
  })

  it('keeps every byte of names and versions', async () => {
    const catalog = await engine.open()
    const name = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte))
    await commit(catalog, 'debian', 1, [added(name, { version: `"'\\{},${name}` })])
    const [hit] = await catalog.search({ pattern: '*', limit: 9 })
    expect(hit).toMatchObject({ name, version: `"'\\{},${name}` })
    await commit(catalog, 'debian', 2, [removed(name, { version: `"'\\{},${name}` })])
    expect(await catalog.search({ pattern: '*', limit: 9 })).toMatchObject([{ first: at(1), last: at(1) }])
  })

  it('takes changes in any order, a package removed and added at once included, and from asynchronous sources', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')])
    const others = Array.from({ length: 1500 }, (_, number) => added(`package-${number}`))
    await commit(catalog, 'debian', 2, [added('nginx'), ...others, removed('nginx')])
    expect(await catalog.search({ pattern: 'nginx', limit: 9 })).toMatchObject([
      { first: at(1), last: at(1) },
      { first: at(2) },
    ])
    async function* later<T>(items: T[]) {
      for (const item of items) yield item
    }
    await catalog.commitSnapshot({
      record: record('debian', 3, { packageCount: 1502, fileCount: 1, byteCount: 10 }),
      base: at(2),
      packages: later([added('curl')]),
      content: later([content('a'), content('b'), content('b', { delta: -1 })]),
    })
    expect(await catalog.completeness(debian, at(3))).toMatchObject({ totalEntries: 1 })
  })

  it('tells which packages come again under other bytes', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx'), added('curl'), added('vim')])
    await commit(catalog, 'debian', 2, [removed('nginx'), added('nginx', { digest: digest('second') })])
    const again = packageRow('nginx', { digest: digest('third') })
    const asked = [
      again,
      packageRow('curl'),
      packageRow('vim', { version: '2', digest: digest('v2') }),
      packageRow('vim', { architecture: 'arm64', digest: digest('arm') }),
      packageRow('new'),
    ]
    expect(await catalog.reissued(debian, asked)).toEqual([
      {
        name: 'nginx',
        version: '1.0-1',
        architecture: 'amd64',
        before: digest('second'),
        after: digest('third'),
      },
    ])
    expect(await catalog.reissued(ours, asked)).toEqual([])
  })
})
