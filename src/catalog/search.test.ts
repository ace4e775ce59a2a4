import { expect, it } from 'vitest'
import type { Name } from '../model/index.ts'
import { onBothEngines } from './engines.fixture.ts'
import { added, at, commit, digest, removed } from './records.fixture.ts'

onBothEngines('search', engine => {
  it('gives each span of listed snapshots that have the package', async () => {
    const catalog = await engine.open()
    await commit(catalog, 'debian', 1, [added('nginx'), added('curl')])
    await commit(catalog, 'debian', 2)
    await commit(catalog, 'debian', 3, [removed('nginx')])
    await commit(catalog, 'debian', 4, [added('nginx')])
    await commit(catalog, 'ours', 9, [added('nginx')])
    const common = {
      family: 'deb',
      name: 'nginx',
      version: '1.0-1',
      architecture: 'amd64',
      suite: 'bookworm',
      component: 'main',
      digest: digest('nginx'),
    }
    expect(await catalog.search({ pattern: 'nginx', limit: 10 })).toEqual([
      { repository: 'debian', ...common, first: at(1), last: at(2) },
      { repository: 'debian', ...common, first: at(4) },
      { repository: 'ours', ...common, first: at(9) },
    ])
    expect(await catalog.search({ pattern: 'nginx', repository: 'ours' as Name, limit: 10 })).toHaveLength(1)
    expect(await catalog.search({ pattern: 'nginx', limit: 2 })).toHaveLength(2)
  })

  it('matches globs byte by byte, and nothing but * and ? is special', async () => {
    const catalog = await engine.open()
    const names = ['a[b]c', 'abc', 'ABC', 'a%c', 'a_c', 'a\\c', 'libx1', 'libx12', 'z\xffz', 'caf\xc3\xa9']
    await commit(
      catalog,
      'debian',
      1,
      names.map(name => added(name)),
    )
    const found = async (pattern: string) =>
      (await catalog.search({ pattern, limit: 100 })).map(({ name }) => name)
    expect(await found('*')).toEqual([...names].sort())
    expect(await found('a[b]c')).toEqual(['a[b]c'])
    expect(await found('a[b]*')).toEqual(['a[b]c'])
    expect(await found('*[b]c')).toEqual(['a[b]c'])
    expect(await found('a?c')).toEqual(['a%c', 'a\\c', 'a_c', 'abc'])
    expect(await found('*%c')).toEqual(['a%c'])
    expect(await found('*_c')).toEqual(['a_c'])
    expect(await found('*\\c')).toEqual(['a\\c'])
    expect(await found('A*')).toEqual(['ABC'])
    expect(await found('libx?')).toEqual(['libx1'])
    expect(await found('lib*')).toEqual(['libx1', 'libx12'])
    expect(await found('z?z')).toEqual(['z\xffz'])
    expect(await found('caf??')).toEqual(['caf\xc3\xa9'])
    expect(await found('')).toEqual([])
    await expect(found('*'.repeat(513))).rejects.toMatchObject({ code: 'usage' })
  })
})
