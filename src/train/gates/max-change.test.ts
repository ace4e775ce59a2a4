import { describe, expect, it } from 'vitest'
import type { Amount } from '../../config/index.ts'
import type { Name } from '../../model/index.ts'
import { type Change, judgeChange } from './max-change.ts'

const packages = (value: number): Amount => ({ unit: 'packages', value })
const percent = (value: number): Amount => ({ unit: 'percent', value })
const change = (repository: string, listed: number, changed: number, removed = 0): Change => ({
  repository: repository as Name,
  listed,
  changed,
  removed,
})

describe('how much changes', () => {
  it.each<[string, Change[], { packages?: Amount; removed?: Amount }, boolean]>([
    ['nothing changes', [change('a', 100, 0)], { packages: packages(0) }, true],
    ['as many as may', [change('a', 100, 5)], { packages: packages(5) }, true],
    ['one more than may', [change('a', 100, 6)], { packages: packages(5) }, false],
    ['a share that may', [change('a', 1000, 50)], { packages: percent(5) }, true],
    ['more than a share', [change('a', 1000, 51)], { packages: percent(5) }, false],
    ['all together', [change('a', 900, 30), change('b', 100, 21)], { packages: percent(5) }, false],
    ['a share of few is rounded down', [change('a', 10, 1)], { packages: percent(5) }, false],
    [
      'more go away than may',
      [change('a', 100, 9, 3)],
      { packages: packages(9), removed: packages(2) },
      false,
    ],
    ['only those that go away count', [change('a', 100, 99, 2)], { removed: packages(2) }, true],
    ['nothing was listed', [change('a', 0, 4)], { packages: percent(50) }, false],
  ])('%s', (_, changes, { packages, removed }, passed) => {
    expect(judgeChange(changes, [], { packages, removed }).passed).toBe(passed)
  })

  it('is told by repository, with what has joined', () => {
    const judged = judgeChange([change('a', 900, 30), change('b', 100, 21, 4)], ['c' as Name], {
      packages: percent(5),
      removed: undefined,
    })
    expect(judged).toMatchObject({
      summary: 'of 1000 packages 51 changed, at most 50 may be',
      findings: [
        'a: 30 of 900 changed, 0 gone',
        'b: 21 of 100 changed, 4 gone',
        'c travels for the first time, and is not counted',
      ],
    })
    expect(judged.remedy).toContain('switchyard diff')
  })
})
