import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions } from '../../repository/index.ts'
import { judgeVersions, type Listed } from './no-downgrade.ts'

const deb = (name: string, version: string, architecture = 'amd64'): Listed => ({
  family: 'deb',
  name,
  version,
  architecture,
})
const rpm = (name: string, version: string, architecture = 'x86_64'): Listed => ({
  family: 'rpm',
  name,
  version,
  architecture,
})
const verdict = (before: Listed[], after: Listed[], vanish: 'allow' | 'refuse' = 'allow') =>
  judgeVersions(before, after, { vanish })

describe('no package goes down', () => {
  it.each<[string, Listed[], Listed[]]>([
    ['it goes up', [deb('a', '1.0')], [deb('a', '1.1')]],
    [
      'an older one stays beside the best',
      [deb('a', '1.0'), deb('a', '2.0')],
      [deb('a', '0.9'), deb('a', '2.0')],
    ],
    ['it becomes neutral', [deb('a', '1.0')], [deb('a', '1.0', 'all')]],
    ['it was neutral', [rpm('a', '1-1', 'noarch')], [rpm('a', '1-1'), rpm('a', '1-1', 'aarch64')]],
    ['it goes away', [deb('a', '1.0')], []],
    ['its version is written another way', [rpm('a', '0:1-1')], [rpm('a', '1-1')]],
    ['another package of that name is of another family', [deb('a', '2')], [deb('a', '2'), rpm('a', '1-1')]],
  ])('when %s', (_, before, after) => {
    expect(verdict(before, after)).toMatchObject({ passed: true, findings: [] })
  })

  it.each<[string, Listed[], Listed[], string]>([
    ['its version is lower', [deb('a', '1.10')], [deb('a', '1.9')], 'a (amd64) goes from 1.10 down to 1.9'],
    ['the best of several goes', [deb('a', '2'), deb('a', '1')], [deb('a', '1')], 'from 2 down to 1'],
    ['a tilde makes it older', [deb('a', '1.0')], [deb('a', '1.0~rc1')], 'from 1.0 down to 1.0~rc1'],
    ['its epoch goes', [rpm('a', '1:1-1')], [rpm('a', '2-1')], 'from 1:1-1 down to 2-1'],
    [
      'it goes down on one architecture alone',
      [deb('a', '2'), deb('a', '2', 'arm64')],
      [deb('a', '2'), deb('a', '1', 'arm64')],
      'a (arm64) goes from 2 down to 1',
    ],
  ])('but not when %s', (_, before, after, finding) => {
    const judged = verdict(before, after)
    expect(judged).toMatchObject({ passed: false, findings: [expect.stringContaining(finding)] })
    expect(judged.remedy).toContain('hold')
  })

  it('and none goes away, where that is asked for', () => {
    expect(verdict([deb('a', '1'), deb('b', '1')], [deb('a', '1')], 'refuse')).toMatchObject({
      passed: false,
      findings: ['b (amd64) 1 goes away'],
    })
    expect(verdict([deb('a', '1')], [deb('a', '2')], 'refuse').passed).toBe(true)
  })

  const listed = fc.record({
    family: fc.constantFrom('deb', 'rpm'),
    name: fc.constantFrom('a', 'b', 'c'),
    version: fc.stringMatching(/^[0-9](\.[0-9]{1,2}){0,2}(~rc[0-9])?-[0-9]$/),
    architecture: fc.constantFrom('amd64', 'arm64'),
  })

  it('holds exactly when the best version of every package is at least what it was', () => {
    fc.assert(
      fc.property(fc.array(listed), fc.array(listed), (before, after) => {
        const bestIn = (all: Listed[], of: Listed) =>
          all
            .filter(
              one => one.family === of.family && one.name === of.name && one.architecture === of.architecture,
            )
            .map(({ version }) => version)
            .sort((a, b) => compareVersions(of.family, a, b))
            .at(-1)
        const goesDown = before.some(one => {
          const now = bestIn(after, one)
          return now !== undefined && compareVersions(one.family, now, bestIn(before, one)!) < 0
        })
        expect(verdict(before, after).passed).toBe(!goesDown)
        expect(verdict(before, before, 'refuse').passed).toBe(true)
        expect(verdict(before, [...before, ...after], 'refuse').passed).toBe(true)
      }),
    )
  })
})
