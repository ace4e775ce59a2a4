import { describe, expect, it } from 'vitest'
import type { Name, Timestamp } from '../../model/index.ts'
import { judgeApprovals, judgeSignatures } from './approvals.ts'

const at = '20261121T070000Z' as Timestamp
const by = (who: string, channel?: string, why?: string) => ({
  who,
  at,
  ...(channel === undefined ? {} : { channel: channel as Name }),
  ...(why === undefined ? {} : { why }),
})
const judge = (all: ReturnType<typeof by>[], wanted = 2) =>
  judgeApprovals(all, { wanted, channel: 'production' as Name, cutter: 'ada', release: 'web@T' })

describe('approvals', () => {
  it.each<[string, ReturnType<typeof by>[], boolean]>([
    ['nobody', [], false],
    ['one of two', [by('grace')], false],
    ['two people', [by('grace'), by('edsger')], true],
    ['one person twice', [by('grace'), by('grace', 'production')], false],
    ['one for all channels, one for this', [by('grace'), by('edsger', 'production')], true],
    ['one for another channel', [by('grace'), by('edsger', 'staging')], false],
    ['the cutter', [by('grace'), by('ada')], false],
    ['two beside the cutter', [by('grace'), by('ada'), by('edsger')], true],
  ])('%s', (_, all, passed) => {
    expect(judge(all).passed).toBe(passed)
  })

  it('say who, when and why, and that the cutter does not count', () => {
    expect(judge([by('grace', undefined, 'read the diff'), by('ada')])).toMatchObject({
      summary: '1 of 2 people have approved of it; ada, who cut it, does not count',
      findings: [
        'grace at 20261121T070000Z: read the diff',
        'ada at 20261121T070000Z (cut it, and does not count)',
      ],
      remedy: '1 more must run `switchyard approve web@T`',
    })
  })
})

describe('approvals by signature', () => {
  const judgeBy = (...signers: string[]) =>
    judgeSignatures(signers, { wanted: 2, cutter: 'ada', release: 'web@T' })

  it.each<[string, string[], boolean]>([
    ['of nobody', [], false],
    ['of one of two', ['grace'], false],
    ['of two', ['grace', 'edsger'], true],
    ['of one and the cutter', ['grace', 'ada'], false],
    ['of two beside the cutter', ['grace', 'ada', 'edsger'], true],
  ])('%s', (_, signers, passed) => expect(judgeBy(...signers).passed).toBe(passed))

  it('say who has signed, and how the others can', () => {
    expect(judgeBy('grace', 'ada')).toMatchObject({
      findings: ['grace has signed', 'ada has signed (cut it, and does not count)'],
      remedy: expect.stringMatching(/^1 more must sign that the channel goes to web@T: .*trust staged/),
    })
  })
})
