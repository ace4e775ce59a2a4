import { describe, expect, it } from 'vitest'
import type { ProgramResult } from '../../sandbox/index.ts'
import { judgeProgram } from './command.ts'

const result = (more: Partial<ProgramResult>): ProgramResult => ({
  ended: 'exited',
  status: 0,
  signal: undefined,
  output: '',
  truncated: 0,
  milliseconds: 1200,
  ...more,
})
const judge = (more: Partial<ProgramResult>) => judgeProgram(['./smoke', '--fast'], result(more), 60)

describe('a program', () => {
  it.each<[Partial<ProgramResult>, boolean, string]>([
    [{}, true, './smoke passed it'],
    [{ output: 'ERROR: says nothing' }, true, './smoke passed it'],
    [{ status: 3 }, false, './smoke exited with status 3'],
    [{ status: undefined, signal: 'SIGKILL' }, false, './smoke was killed by SIGKILL'],
    [{ ended: 'timed-out', status: 0 }, false, './smoke was not done within 1 min and was ended'],
    [{ ended: 'cancelled', status: undefined, signal: 'SIGTERM' }, false, './smoke was cancelled'],
  ])('%j', (more, passed, summary) => {
    expect(judge(more)).toMatchObject({ passed, summary })
  })

  it('is told of by its last lines, however long they are', () => {
    const output = `${Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n')}\n\n${'x'.repeat(10_000)}\n`
    const { findings } = judge({ status: 1, output })
    expect(findings).toEqual(['line 16', 'line 17', 'line 18', 'line 19', `${'x'.repeat(300)}...`])
  })
})
