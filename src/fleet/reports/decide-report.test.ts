import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalJson,
  type Digest,
  digestOf,
  type HostId,
  type HostReport,
  type Json,
  millisecondsOf,
  type Timestamp,
} from '../../model/index.ts'
import {
  decideReport,
  noMemory,
  type ReportDecision,
  type Reporter,
  type ReportMemory,
  type YardFacts,
} from './decide-report.ts'

const host = 'a'.repeat(32) as HostId
const machine = '1'.repeat(64) as Digest
const known: Reporter = { id: host, state: 'enrolled', machine, boots: [] }
const now = millisecondsOf('20261121T120000Z' as Timestamp)
const yard: YardFacts = { isAttempt: attempt => attempt === 'one', departures: 1000, halt: 3, now }

function report(counter: number, changes: Partial<HostReport> = {}): HostReport {
  const at = '20261121T115959Z' as Timestamp
  return {
    version: 1,
    host,
    attempt: 'one',
    counter,
    kind: 'started',
    at,
    boot: 'boot-1',
    machine,
    ...changes,
  }
}

const decide = (memory: ReportMemory, one: HostReport, who = known) =>
  decideReport(who, memory, one, digestOf(Buffer.from(canonicalJson(one as unknown as Json))), yard)

/** What is decided of reports in their order; the memory goes with what is taken. */
function decideAll(reports: readonly HostReport[], boots: Reporter['boots'] = []): ReportDecision[] {
  let [memory, who] = [noMemory, { ...known, boots }]
  return reports.map(one => {
    const decision = decide(memory, one, who)
    if (decision.outcome === 'taken') [memory, who] = [decision.memory, { ...known, boots: decision.boots }]
    return decision
  })
}
const outcomes = (...reports: HostReport[]) => decideAll(reports).map(({ outcome }) => outcome)

it('a new report is taken, at the time of the yard', () => {
  expect(decide(noMemory, report(1))).toMatchObject({ outcome: 'taken', seen: '20261121T120000Z', notes: [] })
})

it('one that comes again changes nothing, however late', () => {
  const many = Array.from({ length: 30 }, (_, i) => report(i + 1))
  expect(outcomes(...many, report(30), report(25), report(1)).slice(30)).toEqual(Array(3).fill('repeated'))
})

it('some may be missing, over any number of boots', () => {
  const boots = Array.from({ length: 10 }, (_, i) => report(3 * i + 2, { boot: `boot-${i}` }))
  expect(new Set(outcomes(...boots))).toEqual(new Set(['taken']))
})

it.each<[string, HostReport, Reporter]>([
  ['another-host', report(1, { host: 'b'.repeat(32) as HostId }), known],
  ['revoked', report(1), { ...known, state: 'revoked' }],
  ['quarantined', report(1), { ...known, state: 'quarantined' }],
])('who has no say is refused: %s', (word, one, who) => {
  expect(decide(noMemory, one, who)).toMatchObject({ outcome: 'refused', word })
})

it('a revoked host that repeats itself is refused too', () => {
  const taken = decide(noMemory, report(1))
  const memory = taken.outcome === 'taken' ? taken.memory : noMemory
  expect(decide(memory, report(1), { ...known, state: 'revoked' })).toMatchObject({ outcome: 'refused' })
})

describe('two machines with one key', () => {
  it.each<[string, HostReport[]]>([
    ['another machine-id', [report(1), report(2, { machine: '2'.repeat(64) as Digest })]],
    ['one number for two reports', [report(1), report(1, { kind: 'applied' })]],
    ['a restored machine that counts from an earlier number', [report(7), report(5, { boot: 'boot-2' })]],
    [
      'an earlier boot that goes on',
      [report(1), report(2, { boot: 'boot-2' }), report(3), report(4, { boot: 'boot-2' })],
    ],
    ['a number that was never sent and comes late', [report(2), report(4), report(1)]],
  ])('%s', (_, reports) => expect(outcomes(...reports)).toContain('forked'))

  /** What a machine says from its state on: some reports a boot, numbered on, each with words of its own. */
  const spoken = (name: string, from: number, boots: readonly number[]) => {
    let counter = from
    return boots.flatMap((count, i) =>
      Array.from({ length: count }, () =>
        report(++counter, { boot: `${name}-${i}`, reason: { word: 'x', sentence: name } }),
      ),
    )
  }
  const boots = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 })

  it('is never said of one machine that repeats and drops what it likes', () => {
    fc.assert(
      fc.property(boots, fc.array(fc.tuple(fc.boolean(), fc.nat(3))), (counts, fate) => {
        const said = spoken('one', 0, counts)
        // Before each, some of the last ones come again: their answers were lost.
        const sent = said.flatMap((one, i) => {
          const [isDropped, again] = fate[i] ?? [false, 0]
          return isDropped ? [] : [one, ...Array<HostReport>(again).fill(one)]
        })
        expect(outcomes(...sent)).not.toContain('forked')
      }),
    )
  })

  it('is found of clones in every order of their reports, once both have spoken', () => {
    const order = fc.array(fc.boolean(), { minLength: 0, maxLength: 150 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), boots, boots, order, (before, left, right, turns) => {
        const common = spoken('common', 0, before === 0 ? [] : [before])
        const clones = [spoken('left', before, left), spoken('right', before, right)]
        const sent = [...common]
        for (const isLeft of turns) sent.push(...clones[isLeft ? 0 : 1]!.splice(0, 1))
        sent.push(...clones[0]!, ...clones[1]!)
        expect(outcomes(...sent)).toContain('forked')
      }),
    )
  })
})

it('what overtook a report by another way does not make it a second machine', () => {
  const renewed = [
    { boot: 'boot-1', first: 1, last: 1 },
    { boot: 'boot-3', first: 9, last: 9 },
  ]
  const late = [report(3), report(5, { boot: 'boot-2' }), report(10, { boot: 'boot-3' })]
  expect(decideAll(late, renewed).map(({ outcome }) => outcome)).toEqual(Array(3).fill('taken'))
})

it('what is remembered stays small', () => {
  const many = Array.from({ length: 100 }, (_, i) => report(2 ** 52 + i, { boot: `${i}`.padStart(36, '0') }))
  const last = decideAll(many).at(-1)
  expect(last).toMatchObject({ outcome: 'taken', memory: { counter: 2 ** 52 + 99 } })
  expect(JSON.stringify(last).length).toBeLessThan(1024)
})

describe('is taken, and noted', () => {
  it.each<[string, Partial<HostReport>]>([
    ['unknown-attempt', { attempt: 'two' }],
    ['ahead-of-yard', { departures: 1001 }],
    ['halt-unknown-here', { halt: 4 }],
    ['clock-wrong', { at: '20261121T121000Z' as Timestamp }],
    ['clock-wrong', { at: '19700101T000000Z' as Timestamp }],
  ])('%s', (note, changes) => {
    expect(decide(noMemory, report(1, changes))).toMatchObject({ outcome: 'taken', notes: [note] })
  })

  it('a sign of life belongs to no attempt', () => {
    expect(decide(noMemory, report(1, { kind: 'alive', attempt: '' }))).toMatchObject({ notes: [] })
  })
})
