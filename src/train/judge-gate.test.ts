import { describe, expect, it } from 'vitest'
import { YardError } from '../model/index.ts'
import type { Gate, GateSubject, Judgement } from './gates/gate.ts'
import { judgeGate } from './judge-gate.ts'

const passes: Judgement = { passed: true, summary: 'all is well', findings: [] }

function gateOf(judge: (subject: GateSubject) => Promise<Judgement>, more: Partial<Gate> = {}): Gate {
  return { name: 'ours', help: '', bare: undefined, options: {} as never, judge, ...more }
}

/** Time passes as soon as somebody waits for it, and `slept` says for how long. */
function subjectOf({ passing = false } = {}) {
  const slept: number[] = []
  const context = {
    clock: () => 0,
    sleep: (milliseconds: number, signal?: AbortSignal) => {
      slept.push(milliseconds)
      return new Promise<void>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason))
        if (passing) setImmediate(resolve)
      })
    },
  }
  return { subject: { context } as unknown as Parameters<typeof judgeGate>[2], slept }
}

const never = () => new Promise<never>(() => {})

describe('a gate', () => {
  it('gives its verdict and what it wrote', async () => {
    const gate = gateOf(async ({ log }) => {
      log('looked at it')
      return passes
    })
    expect(await judgeGate(gate, undefined, subjectOf().subject)).toEqual({
      judgement: passes,
      log: 'looked at it\n',
      milliseconds: 0,
    })
  })

  it('that crashes did not pass, and its log says where', async () => {
    const gate = gateOf(async () => {
      throw new TypeError('x is not a function')
    })
    const { judgement, log } = await judgeGate(gate, undefined, subjectOf().subject)
    expect(judgement).toMatchObject({ passed: false, summary: 'it crashed: x is not a function' })
    expect(log).toContain('TypeError: x is not a function\n    at ')
  })

  it('that crashes before it returns a promise did not pass either', async () => {
    const gate = gateOf(() => {
      throw new Error('at once')
    })
    expect((await judgeGate(gate, undefined, subjectOf().subject)).judgement.summary).toContain('at once')
  })

  it('that finds something damaged says what, and what to do', async () => {
    const gate = gateOf(async () => {
      throw new YardError('damaged', 'the tree is damaged', { hint: 'run fsck' })
    })
    expect((await judgeGate(gate, undefined, subjectOf().subject)).judgement).toEqual({
      passed: false,
      summary: 'the tree is damaged',
      findings: [],
      remedy: 'run fsck',
    })
  })

  it('that comes to no end is stopped after its time, and did not pass', async () => {
    let stopped = false
    const gate = gateOf(
      ({ log, signal }) => {
        log('waiting')
        signal.addEventListener('abort', () => {
          stopped = true
        })
        return never()
      },
      { limitSeconds: () => 7 },
    )
    const { subject, slept } = subjectOf({ passing: true })
    const { judgement, log } = await judgeGate(gate, undefined, subject)
    expect(judgement).toMatchObject({ passed: false, summary: expect.stringContaining('within 7 s') })
    expect({ stopped, log, first: slept[0] }).toEqual({ stopped: true, log: 'waiting\n', first: 7000 })
  })

  it('is stopped when the caller goes, and has no verdict', async () => {
    const caller = new AbortController()
    const gate = gateOf(({ signal }) => {
      setImmediate(() => caller.abort())
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('told to end'))),
      )
    })
    const { subject } = subjectOf()
    await expect(judgeGate(gate, undefined, subject, caller.signal)).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  it('may write as much as it likes: the ends are kept', async () => {
    const gate = gateOf(async ({ log }) => {
      for (let i = 0; i < 300_000; i++) log(`line ${i}`)
      return passes
    })
    const { log } = await judgeGate(gate, undefined, subjectOf().subject)
    expect(log.length).toBeLessThan(1024 * 1024 + 100)
    expect(log).toMatch(/^line 0\nline 1\n[\s\S]*bytes left out[\s\S]*\nline 299999\n$/)
  })
})
