import { describe, expect, it } from 'vitest'
import type { ClosureProblem, ClosureVerdict } from '../../repository/index.ts'
import { judgeClosure } from './closure.ts'

/** `app 1: gone`: version 1 of `app` wants `gone`. */
function problem(text: string, architecture = 'amd64'): ClosureProblem {
  const [, name, version, missing] = /^(\S+) (\S+): (.*)$/.exec(text)!
  return {
    package: name!,
    version: version!,
    architecture,
    text: `${name} ${version} -> ${missing}: nothing provides it`,
    root: `missing ${missing}`,
  }
}

const verdict = (...texts: string[]): ClosureVerdict => ({
  format: 'apt',
  architecture: 'amd64',
  packages: 10,
  problems: texts.map(text => problem(text)),
})
const all = { only: undefined, ignore: [] }

describe('closure', () => {
  it('passes where every package finds what it depends on', () => {
    expect(judgeClosure([verdict(), verdict()], [], all)).toEqual({
      passed: true,
      summary: 'of 20 packages all find what they depend on',
      findings: [],
    })
  })

  it('names every problem, and the trouble that most of them have', () => {
    const judged = judgeClosure([verdict('a 1: gone', 'b 1: lost', 'c 1: gone')], [], all)
    expect(judged).toMatchObject({
      passed: false,
      summary: 'of 10 packages 3 cannot be installed: missing gone (2), ...',
      findings: [
        'amd64: a 1 -> gone: nothing provides it',
        'amd64: b 1 -> lost: nothing provides it',
        'amd64: c 1 -> gone: nothing provides it',
      ],
      remedy: expect.stringContaining('ignore'),
    })
  })

  it.each<[string, string, boolean]>([
    ['the same', 'a 1: gone', true],
    ['a new version with the old trouble', 'a 2: gone', true],
    ['a new trouble', 'a 1: lost', false],
    ['another package with the same trouble', 'b 1: gone', false],
  ])('beside what was there, %s passes: %s %s', (_, now, passed) => {
    const before = [verdict('a 1: gone')]
    expect(judgeClosure([verdict(now)], before, { ...all, only: 'new' }).passed).toBe(passed)
  })

  it('an old trouble on another architecture is new', () => {
    const other = { ...verdict(), architecture: 'arm64', problems: [problem('a 1: gone', 'arm64')] }
    expect(judgeClosure([other], [verdict('a 1: gone')], { ...all, only: 'new' }).passed).toBe(false)
  })

  it('passes over what is ignored, and says how many', () => {
    const judged = judgeClosure([verdict('lib-a 1: gone', 'b 1: gone')], [], {
      ...all,
      ignore: ['lib-*', 'b'],
    })
    expect(judged).toMatchObject({ passed: true, summary: expect.stringContaining('(2 are ignored)') })
  })
})
