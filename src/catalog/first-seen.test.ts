import { expect, it } from 'vitest'
import type { Name } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import { added, at, commit, digest, removed } from './records.fixture.ts'

const debian = 'debian' as Name
const asked = (name: string, bytes = name) => ({ name, version: '1.0-1', digest: digest(bytes) })

onBothEngines('when a package was first seen', engine => {
  it('is told by suite, of the repository that is asked about', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('curl')])
    await commit(catalog, 'debian', 2, [added('nginx'), added('nginx', { suite: 'bookworm-security' })])
    await commit(catalog, 'ours', 1, [added('nginx')])
    expect(await catalog.firstSeen(debian, [asked('nginx'), asked('curl')])).toEqual([
      { ...asked('nginx'), suite: 'bookworm', first: at(2) },
      { ...asked('nginx'), suite: 'bookworm-security', first: at(2) },
      { ...asked('curl'), suite: 'bookworm', first: at(1) },
    ])
  })

  it('is the first time, though it went and came back, or stands in several indexes', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')])
    await commit(catalog, 'debian', 2, [removed('nginx')])
    await commit(catalog, 'debian', 3, [added('nginx'), added('nginx', { architecture: 'arm64' })])
    expect(await catalog.firstSeen(debian, [asked('nginx')])).toMatchObject([{ first: at(1) }])
  })

  it('is not told of other bytes, of other versions, nor of what never was there', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')])
    const others = [asked('nginx', 'other bytes'), { ...asked('nginx'), version: '2' }, asked('absent')]
    expect(await catalog.firstSeen(debian, others)).toEqual([])
    expect(await catalog.firstSeen('nobody' as Name, [asked('nginx')])).toEqual([])
  })

  it('stays what it was when that snapshot is removed', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx')])
    await commit(catalog, 'debian', 2, [added('curl')])
    await catalog.beginRemoval(debian, at(1))
    await catalog.finishRemoval(debian, at(1))
    expect(await catalog.firstSeen(debian, [asked('nginx')])).toMatchObject([{ first: at(1) }])
  })
})
